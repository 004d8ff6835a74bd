// Copy and reveal buttons of the client page. Without it the page is complete but for hidden secrets.
(function () {
    'use strict';

    var MASK = '\u2022\u2022\u2022\u2022\u2022\u2022\u2022\u2022';

    function secretOrText(element) {
        return element.getAttribute('data-mikrotikvpn-secret') || element.textContent;
    }

    // Pages without HTTPS have no clipboard API; a selection and the old command still work there.
    function copyBySelection(text) {
        var field = document.createElement('textarea');
        field.value = text;
        field.setAttribute('readonly', '');
        field.style.position = 'fixed';
        field.style.opacity = '0';
        document.body.appendChild(field);
        field.select();
        var copied = document.execCommand('copy');
        document.body.removeChild(field);
        return copied ? Promise.resolve() : Promise.reject(new Error('copy refused'));
    }

    function copy(text) {
        if (navigator.clipboard && window.isSecureContext) {
            return navigator.clipboard.writeText(text).catch(function () {
                return copyBySelection(text);
            });
        }
        return copyBySelection(text);
    }

    function flash(button, word) {
        var label = button.firstChild;
        if (!button.hasAttribute('data-mikrotikvpn-label')) {
            button.setAttribute('data-mikrotikvpn-label', label.nodeValue);
        }
        label.nodeValue = word;
        window.setTimeout(function () {
            label.nodeValue = button.getAttribute('data-mikrotikvpn-label');
        }, 1500);
    }

    function toggle(button, element) {
        var shown = button.getAttribute('aria-pressed') === 'true';
        element.textContent = shown ? MASK : element.getAttribute('data-mikrotikvpn-secret');
        button.setAttribute('aria-pressed', shown ? 'false' : 'true');
        button.firstChild.nodeValue = shown ? 'Show' : 'Hide';
    }

    document.addEventListener('click', function (event) {
        var button = event.target.closest && event.target.closest('.mikrotikvpn button');
        if (!button) {
            return;
        }
        var copied = document.getElementById(button.getAttribute('data-mikrotikvpn-copy'));
        var revealed = document.getElementById(button.getAttribute('data-mikrotikvpn-reveal'));
        if (copied) {
            copy(secretOrText(copied)).then(
                function () { flash(button, 'Copied'); },
                function () { flash(button, 'Press Ctrl+C'); }
            );
        }
        if (revealed) {
            toggle(button, revealed);
        }
    });
}());
