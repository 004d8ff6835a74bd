/* Opens a ledger, which comes along with the service's page, in a window of its own. */
(() => {
  if (window.mikrotikvpnAdmin) {
    return;
  }
  window.mikrotikvpnAdmin = true;
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-mikrotikvpn-ledger]');
    const page = button && window.open('', '_blank');
    if (page) {
      page.document.write(`<!doctype html>${button.parentNode.querySelector('template').innerHTML}`);
      page.document.close();
      page.focus();
    }
  });
})();
