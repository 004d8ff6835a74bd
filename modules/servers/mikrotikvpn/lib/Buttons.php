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
     * What a lifecycle function says: an admin reads the reason of a failure; a customer what he can do about it,
     * in his language.
     *
     * @param array{result: string, text: string|null, values: array<string, int>} $answer of the extension
     * @param array<string, mixed> $params of the module function that runs
     */
    public static function said(array $answer, array $params): string
    {
        if ($answer['text'] === null) {
            return $answer['result'];
        }
        $language = Language::ofVisitor($params);
        return $language->text($answer['text'], array_map([$language, 'number'], $answer['values']));
    }
}
