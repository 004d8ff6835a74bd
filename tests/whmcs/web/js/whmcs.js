// Same-origin links to a module's custom function become POST forms with the token (theme 8.12.2 on).
jQuery(document).on('click', 'a[href*="modop=custom"]', function (event) {
    var link = new URL(this.href, document.baseURI);
    if (link.origin !== window.location.origin || link.pathname.indexOf('clientarea.php') === -1) {
        return;
    }
    event.preventDefault();
    var form = jQuery('<form method="post">').attr('action', link.pathname + '?action=productdetails');
    link.searchParams.append('token', csrfToken);
    link.searchParams.forEach(function (value, name) {
        if (name !== 'action') {
            form.append(jQuery('<input type="hidden">').attr({ name: name, value: value }));
        }
    });
    form.appendTo('body').submit();
});

// A custom action answers with the address to open.
jQuery(document).on('click', '.btn-custom-action', function (event) {
    event.preventDefault();
    var service = jQuery(this).data('serviceid');
    jQuery.post(whmcsBaseUrl + '/clientarea/service/' + service + '/custom-action/' + jQuery(this).data('identifier'), { token: csrfToken }, null, 'json')
        .done(function (answer) {
            window.location = answer.success ? answer.redirectTo : whmcsBaseUrl + '/clientarea.php?action=productdetails&id=' + service + '&customaction_error=1';
        })
        .fail(function () {
            window.location = whmcsBaseUrl + '/clientarea.php?action=productdetails&id=' + service + '&customaction_ajax_error=1';
        });
});
