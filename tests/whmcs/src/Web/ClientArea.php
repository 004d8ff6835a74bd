<?php

declare(strict_types=1);

namespace WhmcsStandIn\Web;

use WHMCS\Database\Capsule;
use WHMCS\Input\Sanitize;
use WHMCS\View\Menu\Item;
use WhmcsStandIn\ClientPage;
use WhmcsStandIn\Failure;
use WhmcsStandIn\Installation;
use WhmcsStandIn\Navigation;
use WhmcsStandIn\Params;
use WhmcsStandIn\Refused;
use WhmcsStandIn\Theme;
use WhmcsStandIn\Token;

/** What a client sees: login, list of services, product page, custom actions, single sign-on. */
final class ClientArea
{
    private readonly Theme $theme;

    public function __construct(private readonly Installation $installation)
    {
        $this->theme = new Theme($installation, isset($_GET['systpl']) ? (string) $_GET['systpl'] : null);
    }

    public function respond(string $path): Page
    {
        try {
            return $this->route($path);
        } catch (Refused $refused) {
            // WHMCS ends the session over a request it does not trust.
            unset($_SESSION['uid']);
            return $this->login($refused->getMessage(), 403);
        } catch (Failure $failure) {
            return new Page($this->theme->page('message', ['message' => $failure->getMessage()] + $this->theme->common()), 404);
        }
    }

    private function route(string $path): Page
    {
        if ($path === '/login.php') {
            return $_SERVER['REQUEST_METHOD'] === 'POST' ? $this->signIn() : $this->login();
        }
        if ($path === '/logout.php') {
            session_destroy();
            return Page::redirect(Address::base() . '/login.php');
        }
        if (!in_array($path, ['/', '/index.php', '/clientarea.php'], true) && !preg_match('~^/clientarea/service/~', $path)) {
            return new Page('Not found', 404);
        }
        if (!isset($_SESSION['uid'])) {
            return $_SERVER['REQUEST_METHOD'] === 'GET' && $path !== '/' ? $this->login() : Page::redirect(Address::base() . '/login.php');
        }
        if (preg_match('~^/clientarea/service/(\d+)/custom-action/([\w-]+)$~', $path, $match)) {
            return $this->customAction((int) $match[1], $match[2]);
        }
        if (($_REQUEST['action'] ?? '') !== 'productdetails') {
            return $this->home();
        }
        $id = (int) ($_REQUEST['id'] ?? 0);
        if (isset($_GET['dosinglesignon'])) {
            return $this->singleSignOn($id);
        }
        return new Page(ClientPage::productDetails($id, $this->theme->name)->html());
    }

    private function login(string $message = '', int $status = 200): Page
    {
        $goto = $_SERVER['REQUEST_METHOD'] === 'GET' && !str_contains($_SERVER['REQUEST_URI'], 'login.php') ? $_SERVER['REQUEST_URI'] : '';
        $variables = ['pagetitle' => \Lang::trans('clientareahomelogin'), 'filename' => 'login', 'incorrect' => isset($_GET['incorrect']), 'goto' => $goto] + $this->theme->common();
        $variables['loggedin'] = false;
        $body = $message === '' ? '' : "<!-- refused: " . htmlspecialchars($message) . " -->\n";
        return new Page($body . $this->theme->page('login', $variables), $status);
    }

    private function signIn(): Page
    {
        if (!Token::isValid()) {
            throw new Refused('The login form was posted without the session\'s token.');
        }
        $user = Capsule::table('tblusers')->where('email', Sanitize::decode($_POST['username'] ?? ''))->first();
        if ($user === null || !password_verify(Sanitize::decode($_POST['password'] ?? ''), $user->password)) {
            return Page::redirect(Address::base() . '/login.php?incorrect=true');
        }
        session_regenerate_id(true);
        $_SESSION['uid'] = (int) Capsule::table('tblusers_clients')->where('auth_user_id', $user->id)->value('client_id');
        $goto = Sanitize::decode($_POST['goto'] ?? '');
        return Page::redirect(preg_match('~^/[^/\\\\]~', $goto) ? $goto : Address::base() . '/clientarea.php');
    }

    private function home(): Page
    {
        $services = Capsule::table('tblhosting AS h')->join('tblproducts AS p', 'p.id', '=', 'h.packageid')->where('h.userid', $_SESSION['uid'])->orderBy('h.id')
            ->limit(100)->get(['h.id', 'p.name', 'h.domain', 'h.username', 'h.domainstatus'])->all();
        $panels = new Item('clientAreaHomepagePanels');
        run_hook('ClientAreaHomepagePanels', $panels);
        $variables = ['pagetitle' => \Lang::trans('clientareaproducts'), 'services' => $services, 'panels' => $panels] + Navigation::sidebarsOfServices() + $this->theme->common();
        foreach (run_hook('ClientAreaPage', $variables) as $more) {
            is_array($more) && $variables = array_merge($variables, $more);
        }
        return new Page($this->theme->page('clientareahome', $variables));
    }

    private function customAction(int $serviceId, string $identifier): Page
    {
        if ($_SERVER['REQUEST_METHOD'] !== 'POST' || !Token::isValid()) {
            throw new Refused('A custom action was called without POST and the session\'s token.');
        }
        [$module, $params] = $this->moduleOf($serviceId, 'CustomActions');
        foreach ($module->call('CustomActions', [$params])->orThrow() as $action) {
            if ($action->getIdentifier() === $identifier && $action->isActive()) {
                $outcome = $module->callback("The custom action '$identifier'", $action->getCallable(), $action->getParams(), 'customAction');
                return Page::json($outcome->clean() ? $outcome->value : ['success' => false, 'errorMsg' => '']);
            }
        }
        return new Page('Not found', 404);
    }

    private function singleSignOn(int $serviceId): Page
    {
        [$module, $params] = $this->moduleOf($serviceId, 'ServiceSingleSignOn');
        $outcome = $module->call('ServiceSingleSignOn', [$params]);
        if ($outcome->clean() && $outcome->value['success']) {
            return Page::redirect($outcome->value['redirectTo']);
        }
        throw new Failure('The single sign-on failed: ' . ($outcome->value['errorMsg'] ?? $outcome->complaint()));
    }

    /** @return array{0: \WhmcsStandIn\Module, 1: array<string, mixed>} */
    private function moduleOf(int $serviceId, string $function): array
    {
        if ((int) Capsule::table('tblhosting')->where('id', $serviceId)->value('userid') !== (int) $_SESSION['uid']) {
            throw new Refused("Service $serviceId does not belong to the client who is logged in.");
        }
        $params = (new Params($this->installation))->forService($serviceId, $function);
        return [$this->installation->modules->get($params['moduletype']), $params];
    }
}
