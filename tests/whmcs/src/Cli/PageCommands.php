<?php

declare(strict_types=1);

namespace WhmcsStandIn\Cli;

use WHMCS\Database\Capsule;
use WhmcsStandIn\ClientPage;
use WhmcsStandIn\Failure;
use WhmcsStandIn\Lifecycle;
use WhmcsStandIn\Refused;
use WhmcsStandIn\TemplateRenderer;
use WhmcsStandIn\Web\Server;

/** Pages: the client's product page, buttons, the web front. */
final class PageCommands extends Commands
{
    public const COMMANDS = ['clientarea' => 'clientArea', 'button' => 'button', 'serve' => 'serve'];

    public function clientArea(Arguments $arguments): Answer
    {
        $serviceId = $arguments->needNumber('service');
        [$get, $post] = [$arguments->map('get'), $arguments->map('post-field')];
        $theme = $arguments->value('theme');
        $language = $arguments->value('language');
        $withToken = !$arguments->flag('no-token');
        $arguments->finish();
        $this->boot();
        $this->asClientOf($serviceId, $language);
        if ($post !== [] && $withToken) {
            $post += ['token' => \WhmcsStandIn\Token::value()];
        }
        $_GET = ['action' => 'productdetails', 'id' => (string) $serviceId] + $get;
        $_POST = $post;
        $_REQUEST = $post + $_GET;
        $_SERVER['REQUEST_METHOD'] = $post === [] ? 'GET' : 'POST';
        try {
            $page = ClientPage::productDetails($serviceId, $theme);
        } catch (Refused $refused) {
            return $this->judged(['service' => $serviceId, 'refused' => true], $refused->getMessage());
        }
        return $this->judged(['service' => $serviceId, 'returned' => $page->returned, 'html' => $page->html(), 'module_output' => $page->moduleOutput(), 'template_notes' => TemplateRenderer::takeNotes()]);
    }

    public function button(Arguments $arguments): Answer
    {
        $serviceId = $arguments->needNumber('service');
        $function = $arguments->word('name of the function');
        $side = $arguments->value('as', 'admin');
        $post = $arguments->map('post-field');
        $arguments->finish();
        $installation = $this->boot();
        if ($side === 'client') {
            $this->asClientOf($serviceId, null);
            $_SERVER['REQUEST_METHOD'] = 'POST';
            $_GET = ['action' => 'productdetails'];
            $_POST = ['id' => (string) $serviceId, 'modop' => 'custom', 'a' => $function, 'token' => \WhmcsStandIn\Token::value()] + $post;
            $_REQUEST = $_POST + $_GET;
        }
        try {
            $result = (new Lifecycle($installation))->custom($function, $serviceId, (string) $side);
        } catch (Refused $refused) {
            return $this->judged(['function' => $function, 'as' => $side, 'refused' => true], $refused->getMessage());
        }
        return $this->judged(['function' => $function, 'as' => $side] + ModuleCommands::lifecycle($result, $serviceId), $result->error);
    }

    public function serve(Arguments $arguments): Answer
    {
        $listen = $arguments->value('listen', '127.0.0.1:0');
        $workers = $arguments->number('workers', 4);
        $base = $arguments->value('base', '');
        $arguments->finish();
        $this->boot();
        (new Server($this->home, $this->options))->run((string) $listen, (int) $workers, (string) $base, function (string $url): void {
            $this->announce(['url' => $url, 'client' => "{$url}login.php", 'admin' => "{$url}admin/login.php", 'pid' => getmypid()]);
        });
        return new Answer([]);
    }

    private function asClientOf(int $serviceId, ?string $language): void
    {
        defined('CLIENTAREA') || define('CLIENTAREA', true);
        $userId = Capsule::table('tblhosting')->where('id', $serviceId)->value('userid') ?? throw new Failure("There is no service $serviceId.");
        $_SESSION['uid'] = (int) $userId;
        $language === null || $_SESSION['Language'] = $language;
    }
}
