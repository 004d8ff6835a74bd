<?php

declare(strict_types=1);

namespace WhmcsStandIn;

use WHMCS\Database\Capsule;
use WHMCS\View\Menu\Item;

/**
 * The client's product page. Order as known from WHMCS: POSTed actions, page variables,
 * ClientAreaProductDetails, ClientArea(), the PreModuleTemplate hook, the module's template, sidebars,
 * ClientAreaProductDetailsOutput, page hooks, the theme.
 */
final class ClientPage
{
    /** What ClientArea() (or the custom function that took the page over) returned. */
    public mixed $returned = null;
    public string $moduleOutput = '';

    /** Set when the overview tab is replaced by the module's template. */
    public ?string $overviewReplacement = null;

    /** Set when a custom function returned a page of its own. */
    private ?array $ownPage = null;

    /** @var array<string, mixed> */
    public array $variables = [];

    private readonly object $service;
    private readonly object $product;
    private readonly ?Module $module;
    private readonly Installation $installation;
    private readonly Theme $theme;

    private function __construct(private readonly int $serviceId, ?string $theme)
    {
        $this->installation = Installation::current();
        $this->theme = new Theme($this->installation, $theme);
        $this->service = Capsule::table('tblhosting')->find($serviceId) ?? throw new Failure("There is no service $serviceId.");
        if ((int) $this->service->userid !== (int) ($_SESSION['uid'] ?? 0)) {
            throw new Refused("Service $serviceId does not belong to the client who is logged in.");
        }
        $this->product = Capsule::table('tblproducts')->find($this->service->packageid) ?? throw new Failure("Service $serviceId names a product that does not exist.");
        $this->module = $this->product->servertype === '' ? null : $this->installation->modules->get($this->product->servertype);
    }

    public static function productDetails(int $serviceId, ?string $theme = null): self
    {
        $page = new self($serviceId, $theme);
        $page->build();
        return $page;
    }

    /** The whole page. */
    public function html(): string
    {
        if ($this->ownPage !== null) {
            return $this->theme->wrap($this->ownPage['pagetitle'] ?? $this->product->name, $this->moduleOutput, $this->variables);
        }
        return $this->theme->page('clientareaproductdetails', $this->variables);
    }

    /** What the module's own template or HTML came to. */
    public function moduleOutput(): string
    {
        return $this->overviewReplacement ?? $this->moduleOutput;
    }

    private function build(): void
    {
        \Menu::addContext('service', $service = \WHMCS\Service\Service::find($this->serviceId));
        \Menu::addContext('client', \WHMCS\User\Client::find($this->service->userid));
        $this->variables = $this->theme->common() + (new ProductPageVariables($this->installation))->of($this->service, $this->product, $this->module);
        $this->handlePost();
        run_hook('ClientAreaProductDetails', ['service' => $service]);
        if ($this->ownPage === null) {
            $this->runClientArea();
        }
        $this->variables['moduleclientarea'] = $this->moduleOutput;
        $this->variables['tplOverviewTabOutput'] = $this->overviewReplacement ?? '';
        $this->buildSidebars();
        $this->variables['hookOutput'] = array_values(array_filter(run_hook('ClientAreaProductDetailsOutput', ['service' => $service]), 'is_string'));
        foreach (['ClientAreaPageProductDetails', 'ClientAreaPage'] as $point) {
            foreach (run_hook($point, $this->variables) as $more) {
                is_array($more) && $this->variables = array_merge($this->variables, $more);
            }
        }
    }

    private function handlePost(): void
    {
        $request = $_POST + $_GET;
        if (($request['modop'] ?? '') === 'custom') {
            $this->customFunction((string) ($request['a'] ?? ''));
        } elseif (isset($_POST['modulechangepassword'])) {
            $this->changePassword();
        }
    }

    /** Since 8.13 a custom function needs POST and the token; anything else ends the session or shows the login page. */
    private function customFunction(string $function): void
    {
        if (($_SERVER['REQUEST_METHOD'] ?? 'GET') !== 'POST' || ($_POST['modop'] ?? '') !== 'custom') {
            throw new Refused("The custom function '$function' was called by GET: WHMCS takes modop=custom only by POST.");
        }
        if (!Token::isValid()) {
            throw new Refused("The custom function '$function' was called without the session's token.");
        }
        $result = (new Lifecycle($this->installation))->custom($function, $this->serviceId, 'client');
        if (!$result->succeeded() || !is_array($result->outcome->value)) {
            $this->variables['modulecustombuttonresult'] = $result->error ?? 'success';
            return;
        }
        $this->returned = $this->ownPage = $result->outcome->value;
        $this->variables['breadcrumb'] = $this->ownPage['breadcrumb'] ?? [];
        $this->moduleOutput = $this->renderModule(($this->ownPage['templatefile'] ?? '') . '.tpl', $this->ownPage['vars'] ?? []);
    }

    private function changePassword(): void
    {
        [$new, $repeated] = [\WHMCS\Input\Sanitize::decode($_POST['newpw'] ?? ''), \WHMCS\Input\Sanitize::decode($_POST['confirmpw'] ?? '')];
        if (!Token::isValid() || !$this->variables['modulechangepassword']) {
            throw new Refused('The password cannot be changed: no token, or the module has no ChangePassword, or the service is not active.');
        }
        $error = match (true) {
            $new === '' => \Lang::trans('serviceErrorPasswordEmpty'),
            $new !== $repeated => \Lang::trans('serviceErrorPasswordMismatch'),
            default => (new Lifecycle($this->installation))->run('ChangePassword', $this->serviceId, 0, ['password' => $new])->error,
        };
        $this->variables['modulechangepwresult'] = $error === null ? 'success' : 'error';
        $this->variables['modulechangepasswordmessage'] = $error ?? \Lang::trans('moduleactionsuccess');
    }

    private function runClientArea(): void
    {
        if ($this->module === null) {
            return;
        }
        if (!$this->module->has('ClientArea')) {
            is_file("{$this->module->folder}/clientarea.tpl") && $this->moduleOutput = $this->renderModule('clientarea.tpl', []);
            return;
        }
        $outcome = $this->module->call('ClientArea', [(new Params($this->installation))->forService($this->serviceId, 'ClientArea')]);
        $this->returned = $outcome->value;
        if (is_string($outcome->value)) {
            $this->moduleOutput = $outcome->value;
        } elseif (is_array($outcome->value)) {
            $this->renderReturned($outcome->value);
        }
    }

    private function renderReturned(array $returned): void
    {
        // Modules give both names for the variables to be safe; either serves either style.
        $variables = (array) ($returned['templateVariables'] ?? []) + (array) ($returned['vars'] ?? []);
        if (($returned['tabOverviewReplacementTemplate'] ?? '') !== '') {
            $this->overviewReplacement = $this->renderModule($returned['tabOverviewReplacementTemplate'], $variables);
        } elseif (($returned['tabOverviewModuleOutputTemplate'] ?? '') !== '') {
            $this->moduleOutput = $this->renderModule($returned['tabOverviewModuleOutputTemplate'], $variables);
        } elseif (($returned['templatefile'] ?? '') !== '') {
            $file = $returned['templatefile'];
            $this->moduleOutput = $this->renderModule(str_ends_with($file, '.tpl') ? $file : "$file.tpl", $variables);
        } elseif (is_file("{$this->module->folder}/clientarea.tpl")) {
            $this->moduleOutput = $this->renderModule('clientarea.tpl', $variables);
        } elseif ($returned !== []) {
            $this->complain("{$this->module->name}_ClientArea()", 'returned an array that names no template (templatefile, tabOverviewReplacementTemplate or tabOverviewModuleOutputTemplate)');
        }
        isset($returned['breadcrumb']) && $this->variables['breadcrumb'] = $returned['breadcrumb'];
        isset($returned['pagetitle']) && $this->variables['pagetitle'] = $returned['pagetitle'];
    }

    private function renderModule(string $file, array $variables): string
    {
        $path = "{$this->module->folder}/" . ltrim($file, '/');
        $override = "{$this->installation->modules->root}/templates/{$this->theme->name}/modules/servers/{$this->module->name}/" . ltrim($file, '/');
        $path = is_file($override) ? $override : $path;
        if (!is_file($path) || !str_starts_with((string) realpath($path), is_file($override) ? '/' : (string) realpath($this->module->folder))) {
            $this->complain($this->module->name, "names the template '$file', which is not in the module's folder");
            return '';
        }
        $hooked = [];
        foreach (run_hook('ClientAreaProductDetailsPreModuleTemplate', $this->preTemplateArgument()) as $more) {
            is_array($more) && $hooked = array_merge($hooked, $more);
        }
        $params = (new Params($this->installation))->forService($this->serviceId, 'ClientArea');
        $outcome = Guard::run("Rendering {$this->module->name}'s template $file", fn (): string => TemplateRenderer::file($path, $variables + $hooked + $params + $this->variables));
        $this->installation->report($outcome);
        return (string) $outcome->value;
    }

    /** @return array<string, mixed> */
    private function preTemplateArgument(): array
    {
        return [
            'serviceid' => $this->serviceId, 'groupname' => $this->variables['groupname'], 'product' => $this->product->name, 'modulename' => $this->module->name,
            'domain' => $this->service->domain, 'systemStatus' => $this->service->domainstatus, 'username' => $this->service->username, 'password' => decrypt($this->service->password),
        ];
    }

    private function buildSidebars(): void
    {
        [$primary, $secondary] = [new Item('primarySidebar'), new Item('secondarySidebar')];
        \Menu::setRoots(['primarySidebar' => $primary, 'secondarySidebar' => $secondary]);
        $overview = $primary->addChild('Service Details Overview', ['label' => \Lang::trans('overview'), 'icon' => 'fa-star', 'order' => 10]);
        $overview->addChild('Information', ['label' => \Lang::trans('information'), 'uri' => '#tabOverview', 'order' => 10, 'current' => true])->setAttribute('dataToggleTab', true);
        $actions = $primary->addChild('Service Details Actions', ['label' => \Lang::trans('actions'), 'icon' => 'fa-wrench', 'order' => 20]);
        foreach ($this->variables['servercustombuttons'] as $order => [$label, $function]) {
            $actions->addChild("Custom Module Button $label", ['label' => $label, 'uri' => "clientarea.php?action=productdetails&id={$this->serviceId}&modop=custom&a=$function", 'order' => 10 + $order]);
        }
        foreach ($this->variables['customactions'] as $order => $action) {
            $actions->addChild('Custom Action ' . $action->getIdentifier(), ['label' => $action->getDisplay(), 'uri' => '#', 'order' => 40 + $order])
                ->setAttributes(['data-identifier' => $action->getIdentifier(), 'data-serviceid' => $this->serviceId, 'data-active' => (int) $action->isActive()])->setClass('btn-custom-action');
        }
        if ($this->variables['modulechangepassword']) {
            $actions->addChild('Change Password', ['label' => \Lang::trans('clientareachangepassword'), 'uri' => '#tabChangepw', 'order' => 60])->setAttribute('dataToggleTab', true);
        }
        run_hook('ClientAreaPrimarySidebar', $primary);
        run_hook('ClientAreaSecondarySidebar', $secondary);
        $this->variables['primarySidebar'] = $primary;
        $this->variables['secondarySidebar'] = $secondary;
    }

    private function complain(string $subject, string $message): void
    {
        $this->installation->report((new Outcome(null, true, []))->with('return', $subject, $message));
    }
}
