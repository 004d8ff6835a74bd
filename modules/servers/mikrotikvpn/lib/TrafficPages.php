<?php

/**
 * The pages "Traffic statistics" and "Traffic history" and the files behind them: which one a URL asks for, and
 * the extension's figures in the visitor's words. They are reached by a parameter of our own on the product
 * page, so that WHMCS has checked login and ownership before; the extension checks the owner again.
 */

namespace WHMCS\Module\Server\Mikrotikvpn;

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

final class TrafficPages
{
    /** The parameter of the product page's URL that names a page of ours. */
    public const PARAMETER = 'mikrotikvpn';

    /** @var array<string, mixed> */
    private array $params;
    private int $client;
    private Language $language;

    private function __construct(array $params)
    {
        $this->params = $params;
        $this->client = (int) ($_SESSION['uid'] ?? 0);
        $this->language = Language::ofVisitor($params);
    }

    /** The key of the page the URL asks for, `''` for the product page itself. */
    public static function wanted(): string
    {
        $page = $_GET[self::PARAMETER] ?? '';
        return is_string($page) ? $page : '';
    }

    /**
     * What ClientArea() returns for the page that is asked for; null when that is none of these. A file is sent
     * and ends the request.
     *
     * @param array<string, mixed> $params of ClientArea()
     */
    public static function show(array $params): ?array
    {
        switch (self::wanted()) {
            case 'statistics':
                return (new self($params))->statistics();
            case 'history':
                return (new self($params))->history();
            case 'days.csv':
            case 'months.csv':
                (new self($params))->send(self::wanted());
        }
        return null;
    }

    private function statistics(): array
    {
        $figures = \MikrotikVpn\clientStatistics($this->params, $this->client);
        $view = $this->view($figures, 'stats_', ['waiting' => $this->text('stats_waiting')]);
        if ($view['sentence'] === '') {
            $view['engine'] = $figures['engine'];
            $view['unit'] = $this->text('stats_unit');
            $view['intro'] = $this->text('stats_intro', ['count' => $figures['kept']]);
            $at = $figures['collected_at'];
            $view['updated'] = $at === null ? '' : $this->text('stats_updated', ['moment' => $this->language->moment($at)]);
            foreach (['days', 'months'] as $key) {
                $view['tables'][] = $this->table($key, $figures[$key]);
            }
        }
        return $this->page('statistics', $view);
    }

    /** @param array{rows: list<array<string, mixed>>, sum: array<string, int>} $figures */
    private function table(string $key, array $figures): array
    {
        $rows = [];
        foreach (array_reverse($figures['rows']) as $row) {
            $date = $key === 'days' ? $this->language->day($row['date']) : $this->language->month($row['date']);
            $rows[] = ['date' => $row['date'], 'label' => $date] + $this->volumes($row);
        }
        return [
            'key' => $key,
            'title' => $this->text("stats_title_{$key}"),
            'column' => $this->text("stats_column_{$key}"),
            'chart' => $this->text("stats_chart_{$key}"),
            'csv' => $this->text("stats_csv_{$key}"),
            'rows' => $rows,
            'sum' => $this->volumes($figures['sum']),
        ];
    }

    /** @param array<string, int> $row bytes @return array<string, string|int> the same in words, and as they are */
    private function volumes(array $row): array
    {
        $volumes = [];
        foreach (['download', 'upload', 'total'] as $name) {
            $volumes[$name] = $this->language->volume($row[$name]);
            $volumes["{$name}_bytes"] = $row[$name];
        }
        return $volumes;
    }

    private function history(): array
    {
        $history = \MikrotikVpn\clientHistory($this->params, $this->client, Sheet::wanted());
        $view = $this->view($history, 'history_', []);
        if ($view['sentence'] === '') {
            $left = $history['balance'];
            $view['balance'] = $left === null
                ? $this->text('history_unlimited')
                : $this->text('history_balance', ['amount' => $this->language->volume($left)]);
            $view['entries'] = array_map([$this, 'entry'], $history['entries']);
            $view['sheet'] = Sheet::of($this->language, $history) + ['parameter' => Sheet::PARAMETER];
        }
        return $this->page('history', $view);
    }

    /** @param array<string, mixed> $entry */
    private function entry(array $entry): array
    {
        $amount = $this->language->volume($entry['bytes']);
        // Traffic somebody bought is booked by an admin, too.
        $kind = $entry['kind'] === 'correction' && $entry['bytes'] > 0 ? 'added' : $entry['kind'];
        $what = $entry['begins'] === null
            ? $this->text("history_kind_{$kind}")
            : $this->text('history_kind_period', ['day' => $this->language->day($entry['begins'])]);
        return [
            'iso' => date('Y-m-d\TH:i:sP', $entry['at']),
            'date' => $this->language->date($entry['at']),
            'kind' => $entry['kind'],
            'what' => $what,
            'amount' => $entry['bytes'] > 0 ? "+$amount" : $amount,
            'bytes' => $entry['bytes'],
        ];
    }

    /** Sends a file instead of the page WHMCS is making. */
    private function send(string $file): void
    {
        $download = \MikrotikVpn\clientDownload($this->params, $this->client, $file);
        $plain = Output::discard();
        header('X-Content-Type-Options: nosniff');
        header('Cache-Control: private, no-store');
        if ($download['state'] === 'shown') {
            header('Content-Type: text/csv; charset=utf-8');
            header("Content-Disposition: attachment; filename=\"{$download['name']}\"");
            $plain && header('Content-Length: ' . strlen($download['body']));
            echo $download['body'];
        } else {
            http_response_code($download['state'] === 'failed' ? 500 : 404);
            header('Content-Type: text/plain; charset=utf-8');
            echo $this->text('stats_no_file');
        }
        exit;
    }

    /**
     * What every page has. `sentence` takes the place of the figures in the states that have none.
     *
     * @param array<string, mixed> $figures
     * @param array<string, string> $sentences by state, beside those every page has
     */
    private function view(array $figures, string $prefix, array $sentences): array
    {
        $sentences += [
            'shown' => '',
            'inactive' => $this->text('stats_inactive'),
        ];
        return [
            'state' => $figures['state'],
            'sentence' => $sentences[$figures['state']] ?? $this->text('stats_failed'),
            'text' => $this->language->all($prefix) + $this->language->all('stats_'),
            'language' => $this->language->tag(),
            'direction' => $this->language->direction(),
            'version' => MIKROTIKVPN_VERSION,
            'service' => (int) ($this->params['serviceid'] ?? 0),
        ];
    }

    private function page(string $template, array $view): array
    {
        return [
            'tabOverviewReplacementTemplate' => "templates/$template.tpl",
            'templateVariables' => ['mikrotikvpn' => $view],
        ];
    }

    private function text(string $key, array $values = []): string
    {
        return $this->language->text($key, $values);
    }
}
