<?php

/** The admin dashboard's table of routers, from our own books: a few statements, and no router is asked. */

namespace WHMCS\Module\Server\Mikrotikvpn;

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

final class RoutersWidget extends \WHMCS\Module\AbstractWidget
{
    private const COLUMNS = ['widget_router', 'widget_state', 'widget_version', 'widget_accounts', 'widget_online', 'widget_collected'];

    protected $weight = 120;
    protected $columns = 2;
    protected $cache = false;

    public function __construct()
    {
        $this->title = Language::ofAdmin()->text('widget_title');
    }

    /** Ids of widgets are those of elements, and the default is the class. */
    public function getId()
    {
        return 'MikrotikVpnRouters';
    }

    public function getData()
    {
        return \MikrotikVpn\routers();
    }

    public function generateOutput($data)
    {
        $language = Language::ofAdmin();
        if (isset($data['error'])) {
            return Html::block($language, Html::warning($data['error']));
        }
        $warnings = implode('', array_map(Html::warning(...), $data['warnings'])) . self::mails($language, $data['mails']);
        if ($data['routers'] === []) {
            return Html::block($language, $warnings . Html::muted($language->text('widget_none')));
        }
        $head = '';
        foreach (self::COLUMNS as $column) {
            $head .= '<th scope="col">' . Html::text($language->text($column)) . '</th>';
        }
        $rows = implode('', array_map(static fn (array $router): string => self::row($language, $router), $data['routers']));
        $capped = $language->text('widget_capped', ['today' => $data['capped_today'], 'all' => $data['capped']]);
        return Html::block($language, "$warnings<table class=\"mikrotikvpn-routers\"><thead><tr>$head</tr></thead><tbody>$rows</tbody></table>"
            . Html::muted($capped) . Html::muted($language->text('widget_as_collected')));
    }

    /** What becomes of them is decided on the service's page. */
    private static function mails(Language $language, array $mails): string
    {
        $html = '';
        foreach ($mails as $mail) {
            $words = $language->text('widget_mail', ['service' => (string) $mail['service']]);
            $html .= Html::warning((string) $mail['says']) . Html::line(Html::link("clientsservices.php?id={$mail['service']}", $words));
        }
        return $html;
    }

    private static function row(Language $language, array $router): string
    {
        $good = ['reachable' => true, 'failed' => false][$router['state']] ?? null;
        $cells = array_combine(self::COLUMNS, [
            '<a href="configservers.php?action=manage&amp;id=' . (int) $router['id'] . '">' . Html::value($router['name']) . '</a>',
            Html::lamp($good, $language->text("widget_state_{$router['state']}")),
            Html::text($router['version']),
            Html::text($language->number($router['accounts'])),
            Html::text($router['online'] === null ? '' : $language->number($router['online'])),
            Html::text($router['collected_at'] === null ? $language->text('widget_never') : $language->moment($router['collected_at'])),
        ]);
        $html = '';
        foreach ($cells as $column => $cell) {
            $html .= '<td data-label="' . Html::text($language->text($column)) . "\">$cell</td>";
        }
        return "<tr>$html</tr>" . self::remarks($language, $router);
    }

    private static function remarks(Language $language, array $router): string
    {
        $html = Html::warning((string) $router['error']);
        $html .= Html::items(implode('', array_map(static fn (string $one): string => Html::item(Html::text($one)), $router['remarks'])));
        if ($router['more_remarks'] > 0) {
            $html .= Html::muted($language->text('widget_more_remarks', ['count' => $router['more_remarks']]));
        }
        return $html === '' ? '' : "<tr class=\"mikrotikvpn-remarks\"><td colspan=\"6\">$html</td></tr>";
    }
}
