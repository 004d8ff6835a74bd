<?php

declare(strict_types=1);

namespace WhmcsStandIn;

/** A client area theme: a folder of templates under web/themes, chosen by the setting Template. */
final class Theme
{
    public readonly string $name;
    private readonly string $folder;

    public function __construct(private readonly Installation $installation, ?string $name = null)
    {
        $this->name = $name ?: (string) \WHMCS\Config\Setting::getValue('Template');
        $this->folder = "{$installation->modules->root}/templates/{$this->name}";
        if (!preg_match('/^[\w-]+$/', $this->name) || !is_dir($this->folder)) {
            throw new Failure("There is no theme '{$this->name}' under web/themes.");
        }
    }

    /** Variables every page has. @return array<string, mixed> */
    public function common(): array
    {
        $base = Web\Address::base();
        $client = (int) ($_SESSION['uid'] ?? 0);
        return [
            'companyname' => (string) \WHMCS\Config\Setting::getValue('CompanyName'), 'logo' => '', 'systemurl' => (string) \WHMCS\Config\Setting::getValue('SystemURL'), 'charset' => 'utf-8',
            'pagetitle' => \Lang::trans('clientareaproductdetails'), 'filename' => 'clientarea', 'template' => $this->name, 'language' => Language::name(), 'LANG' => Language::strings(),
            'todaysdate' => getTodaysDate(), 'WEB_ROOT' => $base, 'BASE_PATH_CSS' => "$base/assets/css", 'BASE_PATH_JS' => "$base/assets/js", 'BASE_PATH_FONTS' => "$base/assets/fonts", 'BASE_PATH_IMG' => "$base/assets/img",
            'token' => Token::value(), 'servedOverSsl' => false, 'loggedin' => $client > 0, 'client' => $client > 0 ? \WHMCS\User\Client::find($client) : null,
            'clientsdetails' => $client > 0 ? ClientDetails::of($client) : [], 'breadcrumb' => [],
        ];
    }

    public function page(string $template, array $variables): string
    {
        return $this->framed(TemplateRenderer::file("{$this->folder}/$template.tpl", $variables), $variables);
    }

    /** A page whose body a module made. */
    public function wrap(string $title, string $body, array $variables): string
    {
        return $this->framed($body, ['pagetitle' => $title] + $variables);
    }

    private function framed(string $body, array $variables): string
    {
        $variables = Navigation::bars((bool) ($variables['loggedin'] ?? false)) + $variables;
        foreach (['headoutput' => 'ClientAreaHeadOutput', 'headeroutput' => 'ClientAreaHeaderOutput', 'footeroutput' => 'ClientAreaFooterOutput'] as $name => $point) {
            $variables[$name] = implode("\n", array_filter(run_hook($point, $variables), 'is_string'));
        }
        $page = TemplateRenderer::file("{$this->folder}/header.tpl", $variables) . $body . TemplateRenderer::file("{$this->folder}/footer.tpl", $variables);
        return $this->withTokens($page);
    }

    /** WHMCS puts the token into POST forms that do not carry it. */
    private function withTokens(string $page): string
    {
        return (string) preg_replace_callback('~<form\b[^>]*\bmethod="post"[^>]*>(?!\s*<input type="hidden" name="token")~i', static fn (array $match): string => $match[0] . Token::generate('form'), $page);
    }
}
