// Charts of the page "Traffic statistics". What they show is read from the tables beside them, which are
// complete without this script; a table is folded only once its chart stands. Chart.js comes with the module.
// Google Charts is asked only when the product says so, and when it does not come, Chart.js draws.
(function () {
    'use strict';

    var GOOGLE = 'https://www.gstatic.com/charts/loader.js';
    var GOOGLE_PATIENCE = 8000;
    var GB = 1073741824;

    /** What one table shows, the oldest row first; its own newest row is the first. */
    function read(container) {
        var table = document.getElementById(container.getAttribute('data-mikrotikvpn-chart'));
        var rows = Array.prototype.slice.call(table.tBodies[0].rows).reverse();
        var heads = table.tHead.rows[0].cells;
        function cells(column) {
            return rows.map(function (row) { return row.cells[column]; });
        }
        function series(column) {
            return {
                label: heads[column].textContent.trim(),
                values: cells(column).map(function (cell) { return Number(cell.getAttribute('data-bytes')) / GB; }),
                texts: cells(column).map(function (cell) { return cell.textContent.trim(); })
            };
        }
        return {
            labels: rows.map(function (row) { return shortDate(container, row); }),
            titles: cells(0).map(function (cell) { return cell.textContent.trim(); }),
            series: [series(1), series(2)]
        };
    }

    /** The calendar is that of the table, also where people count years otherwise. */
    function shortDate(container, row) {
        var date = new Date(row.querySelector('time').getAttribute('datetime') + 'T12:00:00Z');
        var parts = container.getAttribute('data-mikrotikvpn-dates') === 'months'
            ? { month: 'short', year: 'numeric' } : { day: 'numeric', month: 'short' };
        parts.timeZone = 'UTC';
        parts.calendar = 'gregory';
        return new Intl.DateTimeFormat(language(container), parts).format(date);
    }

    function language(container) {
        return container.closest('[lang]').getAttribute('lang');
    }

    function isRightToLeft(container) {
        return window.getComputedStyle(container).direction === 'rtl';
    }

    /** Numbers of the axis: few digits, as the language writes them. */
    function scaleNumber(container) {
        var format = new Intl.NumberFormat(language(container), { maximumSignificantDigits: 4 });
        return function (value) { return format.format(value); };
    }

    /** The theme's colours as they are now, whatever made them. */
    function colours(container) {
        var style = window.getComputedStyle(container);
        function variable(name) {
            return style.getPropertyValue('--mikrotikvpn-' + name).trim();
        }
        return { text: style.color, line: variable('line'), series: [variable('accent'), variable('upload')], font: style.fontFamily };
    }

    function loadScript(address, done, failed) {
        var script = document.createElement('script');
        script.src = address;
        script.onload = done;
        script.onerror = failed;
        document.head.appendChild(script);
    }

    function show(container, engine) {
        container.removeAttribute('hidden');
        container.setAttribute('data-mikrotikvpn-engine', engine);
        container.parentNode.querySelector('details').removeAttribute('open');
    }

    // --- Chart.js ---

    /** Puts the theme's colours into a configuration, which is what a chart is, too. */
    function paint(chart, container) {
        var now = colours(container);
        chart.options.color = now.text;
        ['x', 'y'].forEach(function (axis) {
            chart.options.scales[axis].ticks.color = now.text;
            chart.options.scales[axis].title.color = now.text;
            chart.options.scales[axis].grid.color = now.line;
            chart.options.scales[axis].border.color = now.line;
        });
        chart.data.datasets.forEach(function (dataset, index) { dataset.backgroundColor = now.series[index]; });
        return chart;
    }

    function configuration(container, figures) {
        var rightToLeft = isRightToLeft(container);
        var number = scaleNumber(container);
        function axis(more) {
            return Object.assign({ stacked: true, ticks: {}, title: {}, grid: {}, border: {} }, more);
        }
        return {
            type: 'bar',
            data: {
                labels: figures.labels,
                datasets: figures.series.map(function (series) {
                    return { label: series.label, data: series.values, borderRadius: 2, maxBarThickness: 48 };
                })
            },
            options: {
                animation: false,
                responsive: true,
                maintainAspectRatio: false,
                locale: language(container),
                // Half of the last label needs room beyond the bars.
                layout: { padding: rightToLeft ? { left: 24 } : { right: 16 } },
                interaction: { mode: 'index', intersect: false },
                scales: {
                    x: axis({ reverse: rightToLeft, grid: { display: false }, ticks: { maxRotation: 0, autoSkipPadding: 12 } }),
                    y: axis({
                        beginAtZero: true,
                        // An account that used nothing has a scale, too.
                        suggestedMax: 0.001,
                        position: rightToLeft ? 'right' : 'left',
                        title: { display: true, text: container.getAttribute('data-mikrotikvpn-unit') },
                        ticks: { callback: number, maxTicksLimit: 6 }
                    })
                },
                plugins: {
                    // Its own palette would win over the theme's colours.
                    colors: { enabled: false },
                    legend: { rtl: rightToLeft, align: 'start', labels: { boxWidth: 12, boxHeight: 12 } },
                    tooltip: {
                        rtl: rightToLeft,
                        textDirection: rightToLeft ? 'rtl' : 'ltr',
                        callbacks: {
                            title: function (items) { return figures.titles[items[0].dataIndex]; },
                            label: function (item) {
                                return item.dataset.label + ': ' + figures.series[item.datasetIndex].texts[item.dataIndex];
                            }
                        }
                    }
                }
            }
        };
    }

    function drawBuiltIn(containers) {
        containers.forEach(function (container) {
            var canvas = document.createElement('canvas');
            container.textContent = '';
            container.appendChild(canvas);
            show(container, 'chartjs');
            var chart = new window.Chart(canvas, paint(configuration(container, read(container)), container));
            whenThemeChanges(function () { paint(chart, container).update(); });
        });
    }

    function startBuiltIn(containers) {
        loadScript(containers[0].getAttribute('data-mikrotikvpn-chartjs'), function () { drawBuiltIn(containers); }, function () {});
    }

    // --- Google Charts ---

    function googleTable(figures) {
        var table = new window.google.visualization.DataTable();
        table.addColumn('string', '');
        figures.series.forEach(function (series) { table.addColumn('number', series.label); });
        table.addRows(figures.labels.map(function (label, row) {
            return [{ v: label, f: figures.titles[row] }].concat(figures.series.map(function (series) {
                return { v: series.values[row], f: series.texts[row] };
            }));
        }));
        return table;
    }

    function googleOptions(container) {
        var now = colours(container);
        var text = { color: now.text };
        return {
            isStacked: true,
            backgroundColor: 'transparent',
            colors: now.series,
            fontName: now.font,
            legend: { position: 'top', textStyle: text },
            chartArea: { left: 60, right: 16, top: 40, bottom: 40 },
            hAxis: { textStyle: text, direction: isRightToLeft(container) ? -1 : 1 },
            vAxis: { textStyle: text, title: container.getAttribute('data-mikrotikvpn-unit'), titleTextStyle: text, minValue: 0, gridlines: { color: now.line } }
        };
    }

    function drawGoogle(containers) {
        containers.forEach(function (container) {
            var figures = read(container);
            show(container, 'google');
            var chart = new window.google.visualization.ColumnChart(container);
            var table = googleTable(figures);
            function draw() { chart.draw(table, googleOptions(container)); }
            draw();
            window.addEventListener('resize', function () { window.requestAnimationFrame(draw); });
            whenThemeChanges(draw);
        });
    }

    function startGoogle(containers) {
        var decided = false;
        function once(draw) {
            return function () {
                if (!decided) {
                    decided = true;
                    draw(containers);
                }
            };
        }
        var giveUp = once(startBuiltIn);
        window.setTimeout(giveUp, GOOGLE_PATIENCE);
        loadScript(GOOGLE, function () {
            try {
                window.google.charts.load('current', { packages: ['corechart'], language: language(containers[0]) });
                window.google.charts.setOnLoadCallback(once(drawGoogle));
            } catch (error) {
                giveUp();
            }
        }, giveUp);
    }

    /** Themes change with the system's setting, or by a class or attribute of the page. */
    function whenThemeChanges(action) {
        var observer = new MutationObserver(action);
        var what = { attributes: true, attributeFilter: ['class', 'style', 'data-theme', 'data-bs-theme', 'data-color-scheme'] };
        observer.observe(document.documentElement, what);
        observer.observe(document.body, what);
        window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', action);
    }

    function start() {
        var containers = Array.prototype.slice.call(document.querySelectorAll('[data-mikrotikvpn-chart]'));
        if (containers.length) {
            (containers[0].getAttribute('data-mikrotikvpn-wanted') === 'google' ? startGoogle : startBuiltIn)(containers);
        }
    }

    if (document.readyState === 'loading') {
        document.addEventListener('DOMContentLoaded', start);
    } else {
        start();
    }
}());
