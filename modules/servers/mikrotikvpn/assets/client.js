// Copy and reveal buttons of the client page, and the theme's shade. The buttons are hidden in the markup, so that without this
// script no dead button is shown; the page is complete then but for hidden secrets.
(function () {
    'use strict';

    var MASK = '\u2022\u2022\u2022\u2022\u2022\u2022\u2022\u2022';

    // The words are the page's, in its language.
    function word(element, name) {
        return element.closest('.mikrotikvpn').getAttribute('data-mikrotikvpn-' + name);
    }

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
            button.firstChild.textContent = word(button, shown ? 'hide' : 'show');
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
                function () { flash(button, word(button, 'copied'), true); },
                function () { select(copied); flash(button, word(button, 'press'), false); }
            );
        }
        if (revealed) {
            reveal(revealed, button.firstChild.textContent === word(button, 'show'));
        }
    }

    // Themes say in many ways that they are dark; the background behind the page says it in one.
    function shade(root) {
        for (var element = root; element; element = element.parentElement) {
            var parts = window.getComputedStyle(element).backgroundColor.match(/[\d.]+/g) || [];
            if (parts.length >= 3 && (parts.length < 4 || Number(parts[3]) > 0.5)) {
                return 0.299 * parts[0] + 0.587 * parts[1] + 0.114 * parts[2] < 128 ? 'dark' : 'light';
            }
        }
        return 'light';
    }

    // A theme may turn dark later: by a switch of its own, or with the system.
    function followTheme() {
        function look() {
            each('.mikrotikvpn', function (root) {
                var now = shade(root);
                if (root.getAttribute('data-mikrotikvpn-theme') !== now) {
                    root.setAttribute('data-mikrotikvpn-theme', now);
                }
            });
        }
        var observer = new MutationObserver(look);
        [document.documentElement, document.body].forEach(function (element) {
            observer.observe(element, { attributes: true });
        });
        var system = window.matchMedia('(prefers-color-scheme: dark)');
        if (system.addEventListener) {
            system.addEventListener('change', look);
        }
        window.addEventListener('load', look);
        look();
    }

    function each(selector, action) {
        Array.prototype.forEach.call(document.querySelectorAll(selector), action);
    }

    function start() {
        followTheme();
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
