<?php

/** The labels of what customers can press, and what they read afterwards, in their language. */

namespace WHMCS\Module\Server\Mikrotikvpn;

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

final class Buttons
{
    /**
     * @param array<string, string> $buttons key of a text => function
     * @param array<string, mixed> $params of the module function that runs
     * @return array<string, string> label => function
     */
    public static function labelled(array $buttons, array $params): array
    {
        $language = Language::ofVisitor($params);
        $labelled = [];
        foreach ($buttons as $key => $function) {
            $labelled[$language->text($key)] = $function;
        }
        return $labelled;
    }

    /**
     * What a lifecycle function says: a customer reads of any failure the same sentence, an admin the reason.
     *
     * @param array<string, mixed> $params of the module function that runs
     */
    public static function said(string $result, array $params): string
    {
        return $result === 'success' || !defined('CLIENTAREA')
            ? $result
            : Language::ofVisitor($params)->text('client_apology');
    }
}
