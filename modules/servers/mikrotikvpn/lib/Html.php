<?php

/** The few pieces the admin's blocks are made of. Every argument named `$html` is HTML, every other is text. */

namespace WHMCS\Module\Server\Mikrotikvpn;

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

final class Html
{
    /** Where the admin's pages find our assets: WHMCS's admin folder is one below its root, whatever it is called. */
    private const ASSETS = '../modules/servers/mikrotikvpn/assets/';

    public static function text($text): string
    {
        return htmlspecialchars((string) $text, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
    }

    /** A name, a comment or an address: its direction is its own, whatever is written around it. */
    public static function value($text): string
    {
        return '<bdi>' . self::text($text) . '</bdi>';
    }

    /** The block with its style, in the language's direction. */
    public static function block(Language $language, string $html): string
    {
        return sprintf(
            '<link rel="stylesheet" href="%1$sadmin.css?v=%2$s"><script src="%1$sadmin.js?v=%2$s" defer></script>'
                . '<div class="mikrotikvpn-admin" lang="%3$s" dir="%4$s">%5$s</div>',
            self::ASSETS,
            self::text(Extension::has('version') ? \MikrotikVpn\version() : ''),
            self::text($language->tag()),
            self::text($language->direction()),
            $html
        );
    }

    /** Label and value in a row; a value without anything in it has none. @param array<string, string> $html by label */
    public static function facts(array $html): string
    {
        return '<dl class="mikrotikvpn-facts">' . self::terms($html) . '</dl>';
    }

    /** Label above value, as many side by side as fit. @param array<string, string> $html by label */
    public static function pairs(array $html): string
    {
        return '<dl class="mikrotikvpn-pairs">' . self::terms($html) . '</dl>';
    }

    private static function terms(array $html): string
    {
        $terms = '';
        foreach (array_filter($html, static fn (string $value): bool => $value !== '') as $label => $value) {
            $terms .= '<div><dt>' . self::text($label) . "</dt><dd>$value</dd></div>";
        }
        return $terms;
    }

    /** A lamp and its word: true is good, false is bad, null neither. */
    public static function lamp(?bool $good, string $words): string
    {
        $state = $good === null ? 'off' : ($good ? 'good' : 'bad');
        return "<span class=\"mikrotikvpn-state mikrotikvpn-$state\"><i aria-hidden=\"true\"></i>" . self::text($words) . '</span>';
    }

    public static function badge(string $words, string $kind): string
    {
        return " <span class=\"mikrotikvpn-badge mikrotikvpn-$kind\">" . self::text($words) . '</span>';
    }

    /** Nothing when there is nothing to warn of. Such sentences are English in every language. */
    public static function warning(string $sentence): string
    {
        return $sentence === '' ? '' : '<div class="mikrotikvpn-warning" dir="auto">' . self::text($sentence) . '</div>';
    }

    public static function muted(string $words): string
    {
        return '<div class="mikrotikvpn-muted">' . self::text($words) . '</div>';
    }

    public static function small(string $words): string
    {
        return $words === '' ? '' : ' <small class="mikrotikvpn-muted">' . self::text($words) . '</small>';
    }

    public static function line(string $html): string
    {
        return "<div class=\"mikrotikvpn-line\">$html</div>";
    }

    public static function item(string $html): string
    {
        return "<li dir=\"auto\">$html</li>";
    }

    public static function items(string $html): string
    {
        return $html === '' ? '' : "<ul>$html</ul>";
    }

    /** Lines to be copied as they are. */
    public static function code(string $lines): string
    {
        return '<pre dir="ltr">' . self::text($lines) . '</pre>';
    }

    /** Shown after a click on the words. */
    public static function more(string $words, string $html): string
    {
        return '<details><summary>' . self::text($words) . "</summary>$html</details>";
    }

    public static function link(string $address, string $words): string
    {
        return '<a class="btn btn-default btn-sm" href="' . self::text($address) . '" target="_blank" rel="noopener noreferrer">'
            . self::text($words) . '</a>';
    }

    public static function bar(int $percent): string
    {
        $low = $percent < 10 ? ' mikrotikvpn-low' : '';
        return "<progress class=\"mikrotikvpn-bar$low\" max=\"100\" value=\"$percent\" aria-hidden=\"true\"></progress>";
    }

    public static function hidden(string $name, string $value): string
    {
        return '<input type="hidden" name="' . self::text($name) . '" value="' . self::text($value) . '">';
    }

    public static function input(string $name, string $label, string $mode): string
    {
        $label = self::text($label);
        return "<input type=\"text\" class=\"form-control input-sm form-control-sm mikrotikvpn-$mode\" name=\"" . self::text($name)
            . "\" inputmode=\"$mode\" maxlength=\"255\" placeholder=\"$label\" aria-label=\"$label\" autocomplete=\"off\">";
    }

    public static function submit(string $words): string
    {
        return '<button type="submit" class="btn btn-primary btn-sm">' . self::text($words) . '</button>';
    }

    /** One of several ways to save the page. */
    public static function choice(string $words, string $name, int $value): string
    {
        return '<button type="submit" class="btn btn-default btn-sm" name="' . self::text($name) . "\" value=\"$value\">"
            . self::text($words) . '</button>';
    }
}
