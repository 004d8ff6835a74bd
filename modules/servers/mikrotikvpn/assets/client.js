// Copy and reveal buttons of the client page. They are hidden in the markup, so that without this
// script no dead button is shown; the page is complete then but for hidden secrets.
(function () {
    'use strict';

    var MASK = '\u2022\u2022\u2022\u2022\u2022\u2022\u2022\u2022';

    function secretOrText(element) {
        return element.getAttribute('data-mikrotikvpn-secret') || element.textContent;
    }

    // Pages without HTTPS have no clipboard API; a selection and the old command still work there.
    function copyBySelection(text) {
        var focused = document.activeElement;
        var field = document.createElement('textarea');
        field.value = text;
        field.setAttribute('readonly', '');
        field.style.position = 'fixed';
        field.style.opacity = '0';
        document.body.appendChild(field);
        field.select();
        var copied = document.execCommand('copy');
        document.body.removeChild(field);
        if (focused && focused.focus) {
            focused.focus();
        }
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

    // The last resort: the value is selected, and one key copies it.
    function select(element) {
        reveal(element, true);
        window.getSelection().selectAllChildren(element);
    }

    function reveal(element, shown) {
        var secret = element.getAttribute('data-mikrotikvpn-secret');
        if (secret === null) {
            return;
        }
        element.textContent = shown ? secret : MASK;
        var button = document.querySelector('[data-mikrotikvpn-reveal="' + element.id + '"]');
        if (button) {
            button.firstChild.textContent = shown ? 'Hide' : 'Show';
        }
    }

    function announce(button, sentence) {
        var place = button.closest('.mikrotikvpn').querySelector('[data-mikrotikvpn-announce]');
        if (place) {
            place.textContent = sentence;
        }
    }

    function flash(button, word, done) {
        var label = button.firstChild;
        var before = button.getAttribute('data-mikrotikvpn-label') || label.textContent;
        button.setAttribute('data-mikrotikvpn-label', before);
        label.textContent = word;
        button.classList.toggle('mikrotikvpn-done', done);
        announce(button, word + button.lastChild.textContent);
        window.clearTimeout(button.mikrotikvpnTimer);
        button.mikrotikvpnTimer = window.setTimeout(function () {
            label.textContent = before;
            button.classList.remove('mikrotikvpn-done');
        }, 1500);
    }

    function press(button) {
        var copied = document.getElementById(button.getAttribute('data-mikrotikvpn-copy'));
        var revealed = document.getElementById(button.getAttribute('data-mikrotikvpn-reveal'));
        if (copied) {
            copy(secretOrText(copied)).then(
                function () { flash(button, 'Copied', true); },
                function () { select(copied); flash(button, 'Ctrl+C', false); }
            );
        }
        if (revealed) {
            reveal(revealed, button.firstChild.textContent === 'Show');
        }
    }

    function each(selector, action) {
        Array.prototype.forEach.call(document.querySelectorAll(selector), action);
    }

    function start() {
        each('.mikrotikvpn button[hidden]', function (button) {
            button.removeAttribute('hidden');
            button.addEventListener('click', function () { press(button); });
        });
    }

    if (document.readyState === 'loading') {
        document.addEventListener('DOMContentLoaded', start);
    } else {
        start();
    }
}());
