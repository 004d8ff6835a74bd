/* Opens a ledger, which comes along with the service's page, in a window of its own, and fetches its other parts;
   says what will be left with the traffic that is about to be added. */
(() => {
  if (window.mikrotikvpnAdmin) {
    return;
  }
  window.mikrotikvpnAdmin = true;

  const sheetOf = (place) => place.querySelector('[data-mikrotikvpn-ledger]').parentNode.querySelector('template').innerHTML;

  const show = (page, html) => {
    page.document.open();
    page.document.write(`<!doctype html>${html}`);
    page.document.close();
    page.document.addEventListener('click', (event) => {
      const button = event.target.closest('[data-mikrotikvpn-sheet]');
      if (button) {
        turn(page, button);
      }
    });
  };

  const turn = async (page, button) => {
    button.disabled = true;
    const address = new URL(location.href);
    address.searchParams.set('mikrotikvpn_page', button.dataset.mikrotikvpnSheet);
    try {
      const answer = await fetch(address, { credentials: 'same-origin' });
      show(page, sheetOf(new DOMParser().parseFromString(await answer.text(), 'text/html')));
    } catch {
      button.disabled = false;
    }
  };

  const locale = document.documentElement.lang || undefined;
  const left = (output, typed) => {
    const gb = Number(output.dataset.mikrotikvpnBalance) / 2 ** 30 + Number(typed.replace(',', '.'));
    if (typed.trim() === '' || Number.isNaN(gb)) {
      return '';
    }
    const digits = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
    return output.dataset.mikrotikvpnLeft.replace('{amount}', gb.toLocaleString(locale, digits));
  };
  document.addEventListener('input', (event) => {
    const output = event.target.name === 'mikrotikvpn[gb]' && event.target.parentNode.querySelector('output');
    if (output) {
      output.textContent = left(output, event.target.value);
    }
  });
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-mikrotikvpn-ledger]');
    const page = button && window.open('', '_blank');
    if (page) {
      show(page, button.parentNode.querySelector('template').innerHTML);
      page.focus();
    }
  });
})();
