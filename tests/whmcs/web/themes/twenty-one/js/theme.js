// The tab in the address is opened: #tabChangepw after a password change.
jQuery(function () {
    var tab = window.location.hash;
    if (/^#tab\w+$/.test(tab)) {
        jQuery('[data-toggle="list"][href="' + tab + '"]').tab('show');
    }
});

// One entry is active over all panels of the sidebar.
jQuery(document).on('show.bs.tab', '.sidebar [data-toggle="list"]', function () {
    jQuery('.sidebar [data-toggle="list"]').not(this).removeClass('active');
});
