// The live status: asks for it while the page is looked at and puts what comes into the named places. It
// waits longer and longer while the router is silent, and ends when the session has ended.
(function () {
    'use strict';

    var PACE = 5000;
    var SLOWEST = 60000;
    var PATIENCE = 15000;

    function Live(root) {
        this.root = root;
        this.url = root.getAttribute('data-mikrotikvpn-live');
        this.silences = root.getAttribute('data-mikrotikvpn-state') === 'unreachable' ? 1 : 0;
        this.asked = Date.now();
        this.asking = false;
        this.ended = false;
        this.timer = 0;
    }

    Live.prototype.pace = function () {
        return Math.min(SLOWEST, PACE * Math.pow(2, this.silences));
    };

    // A hidden page asks nothing; one that is shown again asks as soon as its pace allows.
    Live.prototype.schedule = function () {
        var live = this;
        window.clearTimeout(this.timer);
        if (!document.hidden && !this.asking && !this.ended) {
            this.timer = window.setTimeout(function () { live.ask(); }, Math.max(0, this.asked + this.pace() - Date.now()));
        }
    };

    Live.prototype.ask = function () {
        var live = this;
        var abort = window.AbortController ? new AbortController() : null;
        var late = window.setTimeout(function () { if (abort) { abort.abort(); } }, PATIENCE);
        this.asking = true;
        window.fetch(this.url, { credentials: 'same-origin', cache: 'no-store', headers: { Accept: 'application/json' }, signal: abort ? abort.signal : undefined })
            .then(function (response) {
                // The login page, or something that stands before WHMCS.
                if (response.ok && (response.headers.get('Content-Type') || '').indexOf('application/json') !== 0) {
                    live.ended = true;
                    return null;
                }
                return response.ok ? response.json() : Promise.reject(new Error(response.status));
            })
            .then(function (answer) { live.take(answer); }, function () { live.silences += 1; })
            .then(function () {
                window.clearTimeout(late);
                live.asking = false;
                // From the answer on: the router's pace counts from its question.
                live.asked = Date.now();
                live.schedule();
            });
    };

    Live.prototype.take = function (answer) {
        if (answer === null) {
            return;
        }
        if (answer.state === 'active' || answer.state === 'unreachable') {
            this.silences = answer.state === 'active' ? 0 : this.silences + 1;
            this.show(answer);
            return;
        }
        if (answer.state === 'failed') {
            this.silences += 1;
            return;
        }
        // Another page belongs here now, without credentials; that one asks nothing.
        this.ended = true;
        window.location.reload();
    };

    Live.prototype.show = function (answer) {
        var root = this.root;
        root.setAttribute('data-mikrotikvpn-state', answer.state);
        root.querySelector('[data-mikrotikvpn-connection]').setAttribute('data-mikrotikvpn-connection', answer.connection);
        Array.prototype.forEach.call(root.querySelectorAll('[data-mikrotikvpn-when]'), function (note) {
            note.hidden = note.getAttribute('data-mikrotikvpn-when') !== answer.state;
        });
        Object.keys(answer.values).forEach(function (name) {
            var place = root.querySelector('[data-mikrotikvpn-value="' + name + '"]');
            var row = place && place.closest('[data-mikrotikvpn-row]');
            // Only a change is written: a screen reader would say it again.
            if (place && place.textContent !== answer.values[name]) {
                place.textContent = answer.values[name];
            }
            if (row) {
                row.hidden = answer.values[name] === '';
            }
        });
    };

    function start() {
        var root = document.querySelector('.mikrotikvpn[data-mikrotikvpn-live]');
        if (!root || !window.fetch) {
            return;
        }
        var live = new Live(root);
        document.addEventListener('visibilitychange', function () { live.schedule(); });
        live.schedule();
    }

    if (document.readyState === 'loading') {
        document.addEventListener('DOMContentLoaded', start);
    } else {
        start();
    }
}());
