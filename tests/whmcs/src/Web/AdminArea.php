<?php

declare(strict_types=1);

namespace WhmcsStandIn\Web;

use WHMCS\Database\Capsule;
use WHMCS\Input\Sanitize;
use WhmcsStandIn\Buttons;
use WhmcsStandIn\ContractViolation;
use WhmcsStandIn\Failure;
use WhmcsStandIn\Fixtures;
use WhmcsStandIn\Guard;
use WhmcsStandIn\Installation;
use WhmcsStandIn\Lifecycle;
use WhmcsStandIn\Metrics;
use WhmcsStandIn\ModuleSettings;
use WhmcsStandIn\Params;
use WhmcsStandIn\Refused;
use WhmcsStandIn\TemplateRenderer;
use WhmcsStandIn\Token;

/** What an admin sees: dashboard, a client's service, servers, a product's Module Settings. */
final class AdminArea
{
    private const COMMANDS = ['create' => 'CreateAccount', 'suspend' => 'SuspendAccount', 'unsuspend' => 'UnsuspendAccount', 'terminate' => 'TerminateAccount', 'renew' => 'Renew', 'changepackage' => 'ChangePackage', 'changepassword' => 'ChangePassword'];

    public function __construct(private readonly Installation $installation)
    {
    }

    public function respond(string $path): Page
    {
        try {
            return $this->route(substr($path, strlen('/admin')) ?: '/');
        } catch (Refused $refused) {
            return new Page($this->page('message', ['message' => $refused->getMessage()]), 403);
        } catch (Failure | ContractViolation $failure) {
            return new Page($this->page('message', ['message' => $failure->getMessage()]), 500);
        }
    }

    private function route(string $path): Page
    {
        if ($_SERVER['REQUEST_METHOD'] === 'POST' && !Token::isValid()) {
            throw new Refused('The form was posted without the session\'s token.');
        }
        if ($path === '/login.php') {
            return $_SERVER['REQUEST_METHOD'] === 'POST' ? $this->signIn() : new Page($this->page('login', ['incorrect' => isset($_GET['incorrect'])]));
        }
        if (!isset($_SESSION['adminid'])) {
            return Page::redirect($this->link('login.php'));
        }
        return match ($path) {
            '/', '/index.php' => $this->dashboard(),
            '/logout.php' => $this->signOut(),
            '/clientsservices.php' => $this->service(),
            '/configservers.php' => ($_REQUEST['action'] ?? '') === '' ? $this->servers() : $this->serverForm(),
            '/configproducts.php' => ($_REQUEST['action'] ?? '') === '' ? $this->products() : $this->productForm(),
            '/configemailtemplates.php' => $this->emailTemplates(),
            default => new Page($this->page('message', ['message' => 'There is no such page.']), 404),
        };
    }

    private function signIn(): Page
    {
        $admin = Capsule::table('tbladmins')->where('username', Sanitize::decode($_POST['username'] ?? ''))->first();
        if ($admin === null || !password_verify(Sanitize::decode($_POST['password'] ?? ''), $admin->password)) {
            return Page::redirect($this->link('login.php?incorrect=1'));
        }
        session_regenerate_id(true);
        $_SESSION['adminid'] = (int) $admin->id;
        return Page::redirect($this->link('index.php'));
    }

    private function signOut(): Page
    {
        unset($_SESSION['adminid']);
        return Page::redirect($this->link('login.php'));
    }

    private function dashboard(): Page
    {
        $widgets = [];
        foreach (run_hook('AdminHomeWidgets') as $widget) {
            if (!$widget instanceof \WHMCS\Module\AbstractWidget) {
                $this->installation->report((new \WhmcsStandIn\Outcome(null, true, []))->with('hook', 'Hook AdminHomeWidgets', 'returned ' . \WhmcsStandIn\ReturnRules::type($widget) . ' where a WHMCS\Module\AbstractWidget is expected'));
                continue;
            }
            $outcome = Guard::run('The widget ' . $widget->getId(), static fn (): string => (string) $widget->render());
            $this->installation->report($outcome);
            $widgets[] = ['id' => $widget->getId(), 'title' => $widget->getTitle(), 'html' => $outcome->value ?? '', 'weight' => $widget->getWeight(), 'columns' => $widget->getColumnSize(), 'complaint' => $outcome->complaint()];
        }
        usort($widgets, static fn (array $a, array $b): int => $a['weight'] <=> $b['weight']);
        $services = Capsule::table('tblhosting AS h')->join('tblproducts AS p', 'p.id', '=', 'h.packageid')->orderBy('h.id')->limit(50)->get(['h.id', 'h.username', 'h.domainstatus', 'p.name'])->all();
        return new Page($this->page('dashboard', ['widgets' => $widgets, 'services' => $services, 'output' => implode('', array_filter(run_hook('AdminHomepage'), 'is_string'))]));
    }

    private function service(): Page
    {
        $id = (int) ($_REQUEST['id'] ?? $_REQUEST['productselect'] ?? 0);
        $service = Capsule::table('tblhosting')->find($id) ?? throw new Failure("There is no service $id.");
        $message = $_SERVER['REQUEST_METHOD'] === 'POST' ? $this->serviceAction($id, $service) : null;
        $service = Capsule::table('tblhosting')->find($id);
        $params = (new Params($this->installation))->forService($id, 'AdminServicesTabFields');
        $module = $params['moduletype'] === '' ? null : $this->installation->modules->get($params['moduletype']);
        $fields = $module !== null && $module->has('AdminServicesTabFields') ? (array) $module->call('AdminServicesTabFields', [$params])->value : [];
        foreach (run_hook('AdminClientServicesTabFields', ['id' => $id]) as $more) {
            is_array($more) && $fields += $more;
        }
        $commands = $module === null ? [] : array_filter(self::COMMANDS, static fn (string $function): bool => $module->has($function));
        return new Page($this->page('service', [
            'service' => $service, 'password' => decrypt($service->password), 'product' => $params['pid'], 'module' => $module?->name, 'message' => $message, 'fields' => $fields, 'commands' => $commands,
            'buttons' => $module === null ? [] : (new Buttons($module))->shown('admin', $params), 'clientName' => $params['clientsdetails']['fullname'] ?? '',
            'loginLink' => $module !== null && $module->has('LoginLink') ? self::printed($module->call('LoginLink', [['action' => 'LoginLink'] + $params])) : '',
            'metrics' => $module === null ? [] : (new Metrics($this->installation))->ofService($module, $id), 'hasMetrics' => $module !== null && $module->has('MetricProvider'),
        ]));
    }

    /** @return array{ok: bool, text: string} */
    private function serviceAction(int $id, object $service): array
    {
        $command = (string) ($_POST['modop'] ?? '');
        $this->installation->takeViolations();
        if ($command === 'save') {
            return $this->saveService($id);
        }
        if ($command === 'refreshmetrics') {
            (new Metrics($this->installation))->refresh($this->installation->modules->get((string) Capsule::table('tblproducts')->where('id', $service->packageid)->value('servertype')), $id);
            return $this->verdict(null);
        }
        $lifecycle = new Lifecycle($this->installation);
        if ($command === 'custom') {
            return $this->verdict($lifecycle->custom((string) ($_POST['ac'] ?? ''), $id, 'admin')->error);
        }
        $function = self::COMMANDS[$command] ?? throw new Refused("There is no module command '$command'.");
        $overrides = match ($function) {
            'SuspendAccount' => ['suspendreason' => (string) ($_POST['suspreason'] ?? '')],
            'ChangePassword' => ['password' => decrypt($service->password)],
            default => [],
        };
        return $this->verdict($lifecycle->run($function, $id, 0, $overrides)->error);
    }

    /** @return array{ok: bool, text: string} */
    private function saveService(int $id): array
    {
        $params = (new Params($this->installation))->forService($id, 'AdminServicesTabFieldsSave');
        $values = array_intersect_key(Sanitize::decode($_POST), array_flip(['username', 'password', 'domain', 'dedicatedip', 'domainstatus', 'suspendreason']));
        run_hook('PreAdminServiceEdit', ['serviceid' => $id]);
        (new Fixtures($this->installation))->setService($id, $values);
        $module = $params['moduletype'] === '' ? null : $this->installation->modules->get($params['moduletype']);
        if ($module !== null && $module->has('AdminServicesTabFieldsSave')) {
            $module->call('AdminServicesTabFieldsSave', [(new Params($this->installation))->forService($id, 'AdminServicesTabFieldsSave')]);
        }
        run_hook('AdminClientServicesTabFieldsSave', $_REQUEST);
        run_hook('AdminServiceEdit', ['userid' => $params['userid'], 'serviceid' => $id]);
        return $this->verdict(null);
    }

    /** @return array{ok: bool, text: string} */
    private function verdict(?string $error): array
    {
        $breaches = array_filter($this->installation->takeViolations(), static fn (\WhmcsStandIn\Violation $one): bool => !$one->tolerated);
        $error ??= $breaches === [] ? null : reset($breaches)->message;
        return ['ok' => $error === null, 'text' => $error ?? 'The module command was carried out.'];
    }

    /** What the page shows: old modules echo it instead of returning it, which has to be tolerated to get here. */
    private static function printed(\WhmcsStandIn\Outcome $outcome): string
    {
        return $outcome->clean() ? $outcome->output . (is_scalar($outcome->value) ? $outcome->value : '') : '';
    }

    private function servers(): Page
    {
        $servers = [];
        foreach (Capsule::table('tblservers')->orderBy('id')->get() as $server) {
            $module = $this->installation->modules->has($server->type) ? $this->installation->modules->get($server->type) : null;
            $outcome = $module !== null && $module->has('AdminLink') ? $module->call('AdminLink', [(new Params($this->installation))->forServer($server->id, 'AdminLink')]) : null;
            $servers[] = ['row' => $server, 'link' => $outcome === null ? '' : self::printed($outcome), 'signOn' => $module !== null && $module->has('AdminSingleSignOn') ? ($module->metaData()['AdminSingleSignOnLabel'] ?? '') : ''];
        }
        return new Page($this->page('servers', ['servers' => $servers]));
    }

    private function serverForm(): Page
    {
        $action = (string) $_REQUEST['action'];
        $id = (int) ($_REQUEST['id'] ?? 0);
        if ($action === 'singlesignon') {
            return $this->adminSingleSignOn($id);
        }
        $row = (array) (Capsule::table('tblservers')->find($id) ?? (object) ['id' => 0, 'name' => '', 'hostname' => '', 'ipaddress' => '', 'assignedips' => '', 'type' => '', 'username' => '', 'password' => '', 'accesshash' => '', 'secure' => '', 'port' => '', 'active' => 1, 'disabled' => 0, 'maxaccounts' => 0]);
        $form = ['password' => decrypt($row['password'])] + $row;
        $result = null;
        if ($_SERVER['REQUEST_METHOD'] === 'POST') {
            $form = array_intersect_key(Sanitize::decode($_POST), $row) + ['secure' => '', 'disabled' => 0, 'active' => 1] + $form;
            $result = $action === 'test' ? $this->testConnection($form) : $this->saveServer($id, $form);
            if ($result instanceof Page) {
                return $result;
            }
        }
        return new Page($this->page('server', ['form' => $form, 'id' => $id, 'result' => $result, 'modules' => $this->serverModules()]));
    }

    /** @return array{ok: bool, text: string} */
    private function testConnection(array $form): array
    {
        $module = $this->installation->modules->get((string) $form['type']);
        if (!$module->has('TestConnection')) {
            return ['ok' => false, 'text' => "The module {$module->name} has no TestConnection."];
        }
        $fields = array_map('strval', array_intersect_key($form, array_flip(['name', 'hostname', 'ipaddress', 'assignedips', 'username', 'password', 'accesshash', 'secure', 'port', 'type'])));
        $outcome = $module->call('TestConnection', [(new Params($this->installation))->forServerForm($fields)]);
        if (!$outcome->clean()) {
            return ['ok' => false, 'text' => $outcome->complaint()];
        }
        $ok = $outcome->value['success'] ?? ($outcome->value['error'] ?? '') === '';
        return ['ok' => $ok, 'text' => $ok ? 'Connection successful.' : (string) ($outcome->value['error'] ?? '')];
    }

    private function saveServer(int $id, array $form): Page
    {
        $values = array_intersect_key($form, array_flip(['name', 'hostname', 'ipaddress', 'assignedips', 'type', 'username', 'password', 'accesshash', 'secure', 'port', 'disabled', 'maxaccounts']));
        $values['disabled'] = (int) ($values['disabled'] === 'on' || $values['disabled'] === '1' || $values['disabled'] === 1);
        $fixtures = new Fixtures($this->installation);
        $id > 0 ? $fixtures->setServer($id, $values) : $fixtures->addServer($values);
        return Page::redirect($this->link('configservers.php'));
    }

    private function adminSingleSignOn(int $id): Page
    {
        if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
            throw new Refused('The single sign-on is a POST.');
        }
        $module = $this->installation->modules->get((string) Capsule::table('tblservers')->where('id', $id)->value('type'));
        $value = $module->call('AdminSingleSignOn', [(new Params($this->installation))->forServer($id, 'AdminSingleSignOn')])->orThrow();
        return $value['success'] ? Page::redirect($value['redirectTo']) : throw new Failure('The single sign-on failed: ' . ($value['errorMsg'] ?? ''));
    }

    private function emailTemplates(): Page
    {
        $id = (int) ($_GET['id'] ?? 0);
        if ($_SERVER['REQUEST_METHOD'] === 'POST') {
            EmailTemplates::save($_POST);
        }
        if ($id === 0) {
            return new Page($this->page('emailtemplates', ['templates' => EmailTemplates::list()]));
        }
        $rows = EmailTemplates::find($id);
        return new Page($this->page('emailtemplate', ['rows' => $rows, 'mergeFields' => EmailTemplates::mergeFields($rows[0]->type)]));
    }

    private function products(): Page
    {
        return new Page($this->page('products', ['products' => Capsule::table('tblproducts')->orderBy('id')->get()->all()]));
    }

    /** The Module Settings tab. Field names are those vendors' scripts rely on: packageconfigoption[N]. */
    private function productForm(): Page
    {
        $id = (int) ($_REQUEST['id'] ?? 0);
        $product = Capsule::table('tblproducts')->find($id) ?? throw new Failure("There is no product $id.");
        $name = (string) ($_REQUEST['module'] ?? $product->servertype);
        if ($_SERVER['REQUEST_METHOD'] === 'POST' && ($_POST['action'] ?? '') === 'save') {
            return $this->saveProduct($id, $product);
        }
        if ($name === '') {
            return new Page($this->page('product', ['product' => $product, 'fields' => [], 'modules' => $this->installation->modules->names(), 'moduleName' => '', 'mode' => 'advanced', 'otherFields' => [], 'saved' => false, 'hasSimple' => false, 'metrics' => []]));
        }
        $settings = new ModuleSettings($this->installation, $this->installation->modules->get($name), $id);
        $fields = $settings->fields($product->type);
        $simple = array_filter($fields, static fn (array $field): bool => !empty($field['SimpleMode']));
        $mode = $simple === [] ? 'advanced' : (string) ($_REQUEST['mode'] ?? 'simple');
        $rows = [];
        foreach ($mode === 'simple' ? $simple : $fields as $number => $field) {
            $rows[] = $this->field($settings, $number, $field, $product, $mode);
        }
        $other = [];
        foreach (run_hook('AdminProductConfigFields', ['pid' => $id]) as $more) {
            is_array($more) && $other += $more;
        }
        $enabled = Capsule::table('tblusage_items')->where('rel_type', 'Product')->where('rel_id', $id)->where('is_hidden', 0)->pluck('metric')->all();
        return new Page($this->page('product', [
            'product' => $product, 'fields' => $rows, 'modules' => $this->installation->modules->names(), 'moduleName' => $name, 'mode' => $mode, 'hasSimple' => $simple !== [], 'otherFields' => $other,
            'saved' => isset($_GET['saved']), 'enabled' => $enabled, 'metrics' => (new Metrics($this->installation))->list($this->installation->modules->get($name)),
        ]));
    }

    /** @return array<string, mixed> */
    private function field(ModuleSettings $settings, int $number, array $field, object $product, string $mode): array
    {
        $row = [
            'number' => $number, 'label' => $field['label'], 'type' => $field['Type'], 'value' => (string) Sanitize::decode($product->{"configoption$number"}), 'description' => (string) ($field['Description'] ?? ''),
            'size' => (int) ($field['Size'] ?? 25), 'rows' => (int) ($field['Rows'] ?? 3), 'choices' => in_array($field['Type'], ['dropdown', 'radio'], true) ? $settings->choices($field) : [], 'error' => '',
        ];
        if ($product->servertype !== ($_REQUEST['module'] ?? $product->servertype)) {
            $row['value'] = (string) ($field['Default'] ?? '');
        }
        if ($mode !== 'simple' || !isset($field['Loader'])) {
            return $row;
        }
        try {
            return ['type' => 'dropdown', 'choices' => $settings->load($number, (int) $product->servergroup, $product->type)] + $row;
        } catch (ContractViolation | Failure $error) {
            // A Loader fails by throwing: the admin sees the message and types the value.
            return ['error' => $error->getMessage()] + $row;
        }
    }

    private function saveProduct(int $id, object $product): Page
    {
        $name = (string) ($_POST['servertype'] ?? '');
        if ($name === '') {
            Capsule::table('tblproducts')->where('id', $id)->update(['servertype' => '']);
            return Page::redirect($this->link("configproducts.php?action=edit&id=$id&saved=1"));
        }
        $settings = new ModuleSettings($this->installation, $this->installation->modules->get($name), $id);
        $posted = (array) ($_POST['packageconfigoption'] ?? []);
        $shown = array_map('intval', (array) ($_POST['shown'] ?? []));
        $values = [];
        foreach ($shown as $number) {
            // An unticked box is not posted at all.
            $values[$number] = (string) ($posted[$number] ?? '');
        }
        $settings->save($values, $product->servertype !== $name);
        $fixtures = new Fixtures($this->installation);
        $fixtures->enableMetrics($id, $name, array_map('strval', (array) ($_POST['metric'] ?? [])));
        run_hook('AdminProductConfigFieldsSave', ['pid' => $id]);
        return Page::redirect($this->link("configproducts.php?action=edit&id=$id&saved=1"));
    }

    /** @return list<string> modules that may have servers */
    private function serverModules(): array
    {
        return array_values(array_filter($this->installation->modules->names(), fn (string $name): bool => ($this->installation->modules->get($name)->metaData()['RequiresServer'] ?? true) !== false));
    }

    private function page(string $template, array $variables): string
    {
        $base = Address::base();
        $name = basename((string) ($_SERVER['SCRIPT_NAME'] ?? 'index.php'), '.php');
        $common = ['WEB_ROOT' => $base, 'token' => Token::value(), 'filename' => $name, 'pagetitle' => ucfirst($template), 'adminid' => $_SESSION['adminid'] ?? 0, 'loggedin' => isset($_SESSION['adminid']), 'template' => 'blend'];
        foreach (['headoutput' => 'AdminAreaHeadOutput', 'headeroutput' => 'AdminAreaHeaderOutput', 'footeroutput' => 'AdminAreaFooterOutput'] as $place => $point) {
            $common[$place] = isset($_SESSION['adminid']) ? implode("\n", array_filter(run_hook($point, $common), 'is_string')) : '';
        }
        $folder = dirname(__DIR__, 2) . '/web/admin';
        return TemplateRenderer::file("$folder/header.tpl", $common) . TemplateRenderer::file("$folder/$template.tpl", $variables + $common) . TemplateRenderer::file("$folder/footer.tpl", $common);
    }

    private function link(string $page): string
    {
        return Address::base() . "/admin/$page";
    }
}
