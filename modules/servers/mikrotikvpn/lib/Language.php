<?php

/**
 * The words of one language, and its way to write numbers, dates and plurals.
 *
 * Texts are ICU MessageFormat patterns with named arguments in lang/<language>.php, named as WHMCS names its
 * languages. lang/overrides/<language>.php, of the same form and kept by updates, wins over it, and English
 * fills what both lack. With PHP's intl everything is written as the language does; without it, plainly.
 * Nothing here throws: a file or pattern that is wrong costs its own text and no page.
 */

namespace WHMCS\Module\Server\Mikrotikvpn;

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

final class Language
{
    private const ENGLISH = 'english';

    /** BCP 47 by WHMCS's names. Some installations spell Ukrainian as WHMCS's own file did. */
    private const TAGS = [
        'arabic' => 'ar', 'azerbaijani' => 'az', 'catalan' => 'ca', 'chinese' => 'zh', 'croatian' => 'hr',
        'czech' => 'cs', 'danish' => 'da', 'dutch' => 'nl', 'english' => 'en-GB', 'estonian' => 'et',
        'farsi' => 'fa', 'french' => 'fr', 'german' => 'de', 'hebrew' => 'he', 'hungarian' => 'hu',
        'italian' => 'it', 'macedonian' => 'mk', 'norwegian' => 'nb', 'polish' => 'pl',
        'portuguese-br' => 'pt-BR', 'portuguese-pt' => 'pt-PT', 'romanian' => 'ro', 'russian' => 'ru',
        'spanish' => 'es', 'swedish' => 'sv', 'turkish' => 'tr', 'ukrainian' => 'uk',
    ];
    private const SPELLINGS = ['ukranian' => 'ukrainian'];
    private const RIGHT_TO_LEFT = ['arabic', 'farsi', 'hebrew'];

    private string $name;

    /** @var array<string, string> */
    private array $english;

    /** @var array<string, string> */
    private array $texts;

    private bool $intl;

    private function __construct(string $name, string $folder, bool $intl)
    {
        $own = self::load("$folder/overrides/$name.php") + self::load("$folder/$name.php");
        $this->name = $own === [] ? self::ENGLISH : $name;
        $this->english = self::load("$folder/overrides/english.php") + self::load("$folder/english.php");
        $this->texts = $own + $this->english;
        $this->intl = $intl;
    }

    /**
     * What the visitor of the client area reads: the language chosen in this session, else the client's, else
     * WHMCS's.
     *
     * @param array<string, mixed> $params of the module function that runs
     */
    public static function ofVisitor(array $params): self
    {
        return self::named(self::nameForVisitor($params));
    }

    /** What the admin reads, whatever the language of the client looked at: the admin's own, else WHMCS's. */
    public static function ofAdmin(): self
    {
        return self::named(self::nameForAdmin());
    }

    /** @param array<string, mixed> $params of the module function that runs */
    public static function nameForVisitor(array $params): string
    {
        $client = is_array($params['clientsdetails'] ?? null) ? $params['clientsdetails'] : [];
        return self::first([$_SESSION['Language'] ?? '', $client['language'] ?? '', self::ofSystem()]);
    }

    public static function nameForAdmin(): string
    {
        return self::first([$_SESSION['adminlang'] ?? '', self::ofSystem()]);
    }

    /**
     * A language by WHMCS's name in any case; English when there is no such file.
     *
     * @param bool|null $intl whether PHP's intl is used: when it is there, unless said otherwise
     * @param string|null $folder of the files: the module's own, unless said otherwise
     */
    public static function named(string $name, ?bool $intl = null, ?string $folder = null): self
    {
        $name = strtolower(trim($name));
        $name = self::SPELLINGS[$name] ?? $name;
        // A name comes from a session, and becomes a part of a path.
        $name = preg_match('/^[a-z]+([-_][a-z]+)*$/D', $name) === 1 ? $name : self::ENGLISH;
        return new self($name, $folder ?? dirname(__DIR__) . '/lang', $intl ?? extension_loaded('intl'));
    }

    /**
     * One text; the key itself when no language has it.
     *
     * @param array<string, string|int|float> $values by argument: text as it is to be read, numbers for plurals
     */
    public function text(string $key, array $values = []): string
    {
        foreach ([$this->texts, $this->english] as $texts) {
            $text = isset($texts[$key]) ? $this->format($texts[$key], $values) : null;
            if ($text !== null) {
                return $text;
            }
        }
        return $this->texts[$key] ?? $key;
    }

    /** @return array<string, string> key => text, of the keys with that prefix whose texts need no argument */
    public function all(string $prefix): array
    {
        $texts = [];
        foreach ($this->texts as $key => $pattern) {
            if (str_starts_with($key, $prefix) && PlainMessage::arguments($pattern) === []) {
                $texts[$key] = $this->text($key);
            }
        }
        return $texts;
    }

    /** Rounded to so many decimals, all of them written. */
    public function number(float $value, int $decimals = 0): string
    {
        return $this->digits($value, $decimals, $decimals);
    }

    /** As in a shop: at most so many decimals, without zeros at their end. */
    public function amount(float $value, int $decimals = 2): string
    {
        return $this->digits($value, 0, $decimals);
    }

    /** Of a whole: 0.5 is 50 %. */
    public function percent(float $share): string
    {
        if (!$this->intl) {
            return $this->number($share * 100) . ' %';
        }
        return (string) (new \NumberFormatter($this->tag(), \NumberFormatter::PERCENT))->format($share);
    }

    /** Bytes in GB of 2^30 bytes, with two decimals. */
    public function volume(float $bytes): string
    {
        return $this->text('unit_gb', ['amount' => $this->number($bytes / 1073741824, 2)]);
    }

    /** Bits per second in Mbit/s, below one in kbit/s. */
    public function speed(float $bits): string
    {
        return $bits >= 1e6 || $bits <= 0
            ? $this->text('unit_mbits', ['amount' => $this->amount($bits / 1e6)])
            : $this->text('unit_kbits', ['amount' => $this->amount($bits / 1e3, 0)]);
    }

    /** The day of a moment, in WHMCS's time zone. */
    public function date(int $unix): string
    {
        return $this->intl ? $this->calendar($unix, false) : date('Y-m-d', $unix);
    }

    /** Day and time of a moment, in WHMCS's time zone. */
    public function moment(int $unix): string
    {
        return $this->intl ? $this->calendar($unix, true) : date('Y-m-d H:i', $unix);
    }

    /** A day of the calendar, such as a due date: `2026-03-01` as the language writes it. */
    public function day(string $iso): string
    {
        $unix = strtotime("$iso 12:00");
        return $unix === false ? $iso : $this->date($unix);
    }

    /** The month a day of the calendar is in: `2026-03-01` is `March 2026`. */
    public function month(string $iso): string
    {
        $unix = strtotime("$iso 12:00");
        if ($unix === false || !$this->intl) {
            return $unix === false ? $iso : date('Y-m', $unix);
        }
        $pattern = (new \IntlDatePatternGenerator($this->tag()))->getBestPattern('yMMMM');
        $zone = date_default_timezone_get();
        $none = \IntlDateFormatter::NONE;
        return (string) (new \IntlDateFormatter($this->tag(), $none, $none, $zone, null, $pattern ?: null))->format($unix);
    }

    /** The two largest units of a time: `2 hours 5 minutes`. */
    public function duration(int $seconds): string
    {
        $seconds = max(0, $seconds);
        $counts = [
            'unit_days' => intdiv($seconds, 86400), 'unit_hours' => intdiv($seconds, 3600) % 24,
            'unit_minutes' => intdiv($seconds, 60) % 60, 'unit_seconds' => $seconds % 60,
        ];
        $first = array_search(true, array_map('boolval', $counts), true) ?: 'unit_seconds';
        $shown = array_slice($counts, array_search($first, array_keys($counts), true), 2);
        $words = [];
        foreach (array_filter($shown) ?: $shown as $key => $count) {
            $words[] = $this->text($key, ['count' => $count]);
        }
        return count($words) < 2 ? $words[0] : $this->text('unit_two', ['larger' => $words[0], 'smaller' => $words[1]]);
    }

    /** @return string `rtl` or `ltr` */
    public function direction(): string
    {
        return in_array($this->name, self::RIGHT_TO_LEFT, true) ? 'rtl' : 'ltr';
    }

    /** BCP 47, for `lang` attributes and JavaScript. */
    public function tag(): string
    {
        return self::TAGS[$this->name] ?? self::TAGS[self::ENGLISH];
    }

    private function format(string $pattern, array $values): ?string
    {
        if (!$this->intl) {
            return PlainMessage::format($pattern, $values);
        }
        $text = \MessageFormatter::formatMessage($this->tag(), $pattern, $values);
        return $text === false ? null : $text;
    }

    private function digits(float $value, int $least, int $most): string
    {
        // A little below zero is not "-0.00".
        $value = round($value, $most) + 0.0;
        if (!$this->intl) {
            $text = number_format($value, $most, '.', '');
            return $least === $most || !str_contains($text, '.') ? $text : rtrim(rtrim($text, '0'), '.');
        }
        $format = new \NumberFormatter($this->tag(), \NumberFormatter::DECIMAL);
        $format->setAttribute(\NumberFormatter::MIN_FRACTION_DIGITS, $least);
        $format->setAttribute(\NumberFormatter::MAX_FRACTION_DIGITS, $most);
        return (string) $format->format($value);
    }

    private function calendar(int $unix, bool $time): string
    {
        $clock = $time ? \IntlDateFormatter::SHORT : \IntlDateFormatter::NONE;
        $zone = date_default_timezone_get();
        return (string) (new \IntlDateFormatter($this->tag(), \IntlDateFormatter::MEDIUM, $clock, $zone))->format($unix);
    }

    private static function first(array $names): string
    {
        foreach ($names as $name) {
            if (is_string($name) && $name !== '') {
                return $name;
            }
        }
        return self::ENGLISH;
    }

    /** WHMCS keeps its settings in $CONFIG and, in later versions, behind a class. */
    private static function ofSystem(): string
    {
        $name = $GLOBALS['CONFIG']['Language'] ?? '';
        if ($name === '' && class_exists('WHMCS\Config\Setting')) {
            try {
                $name = \WHMCS\Config\Setting::getValue('Language');
            } catch (\Throwable $error) {
                return '';
            }
        }
        return is_string($name) ? $name : '';
    }

    /** @return array<string, string> */
    private static function load(string $file): array
    {
        if (!is_file($file)) {
            return [];
        }
        // An override is edited by hand: what it prints would end up in front of a page.
        ob_start();
        try {
            $texts = include $file;
        } catch (\Throwable $error) {
            error_log("mikrotikvpn, $file: " . $error->getMessage());
            $texts = [];
        }
        ob_end_clean();
        return is_array($texts) ? array_filter($texts, 'is_string') : [];
    }
}
