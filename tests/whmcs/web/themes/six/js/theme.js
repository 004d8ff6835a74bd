// The tab in the address is opened: #tabChangepw after a password change.
jQuery(function () {
    var tab = window.location.hash;
    if (/^#tab\w+$/.test(tab)) {
        jQuery('.sidebar [data-toggle="tab"][href="' + tab + '"]').tab('show');
    }
});

// Bootstrap 3 marks the item of a list, and the entries of the sidebar are links in a list group.
jQuery(document).on('shown.bs.tab', '.sidebar [data-toggle="tab"]', function () {
    jQuery('.sidebar .list-group-item').removeClass('active');
    jQuery(this).addClass('active');
});
