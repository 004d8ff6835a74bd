<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Module;

use MikrotikVpn\Tests\Build;
use PHPUnit\Framework\TestCase;
use WHMCS\Module\Server\Mikrotikvpn\Language;
use WHMCS\Module\Server\Mikrotikvpn\PlainMessage;

/** The files of lang/: no text is missing, left over, unreadable, unused or untranslated. */
final class LanguageFilesTest extends TestCase
{
    private const LANGUAGES = [
        'arabic', 'azerbaijani', 'catalan', 'chinese', 'croatian', 'czech', 'danish', 'dutch', 'english', 'estonian',
        'farsi', 'french', 'german', 'hebrew', 'hungarian', 'italian', 'macedonian', 'norwegian', 'polish', 'romanian',
        'russian', 'spanish', 'swedish', 'turkish', 'ukrainian',
    ];
    private const PREFIXES = ['client', 'stats', 'history', 'admin', 'setting', 'widget', 'mail', 'unit'];

    /** Texts that may read as in English: key => languages, or true for all of them. */
    private const SAME_AS_ENGLISH = [
        // names, units and the label of a key
        'widget_title' => true, 'widget_version' => true, 'client_press_copy' => true,
        'unit_gb' => true, 'unit_mbits' => true, 'unit_kbits' => true, 'unit_two' => true,
        'stats_unit' => true, 'admin_ledger_gb' => true,
        // words these languages share with English
        'widget_router' => ['czech', 'danish', 'dutch', 'german', 'italian', 'polish', 'romanian', 'spanish', 'swedish'],
        'widget_online' => ['czech', 'danish', 'dutch', 'german', 'italian', 'polish'],
        'widget_accounts' => ['dutch'],
        'client_field_server' => ['czech', 'dutch', 'german', 'italian'],
        'client_field_password' => ['italian'],
        'client_session_protocol' => ['catalan', 'dutch'],
        'client_protocols' => ['catalan'],
        'client_download' => ['german', 'italian'], 'client_upload' => ['german', 'italian'],
        'stats_download' => ['german', 'italian'], 'stats_upload' => ['german', 'italian'],
        'stats_total' => ['catalan', 'french', 'spanish'],
        'admin_ledger_bytes' => ['catalan', 'spanish'],
        'unit_minutes' => ['french'], 'history_date' => ['french'], 'admin_service' => ['french'],
        'admin_entry_correction' => ['french'],
    ];

    public static function setUpBeforeClass(): void
    {
        require_once self::module() . '/lib/autoload.php';
    }

    /** English alone is a module not yet translated; with any other language, all are demanded. */
    public function testTheLanguagesAreThere(): void
    {
        $present = array_map(static fn (string $file): string => basename($file, '.php'), glob(self::module() . '/lang/*.php'));
        self::assertSame($present === ['english'] ? ['english'] : self::LANGUAGES, $present);
    }

    /** @return iterable<string, array{string}> */
    public static function present(): iterable
    {
        foreach (glob(self::module() . '/lang/*.php') as $file) {
            yield basename($file, '.php') => [basename($file, '.php')];
        }
    }

    /** @dataProvider present */
    #[\PHPUnit\Framework\Attributes\DataProvider('present')]
    public function testAFileHasTheKeysOfEnglishInTheirOrder(string $language): void
    {
        self::assertSame(array_keys(self::texts('english')), array_keys(self::texts($language)));
    }

    /** @dataProvider present */
    #[\PHPUnit\Framework\Attributes\DataProvider('present')]
    public function testATextTakesTheArgumentsOfEnglish(string $language): void
    {
        foreach (self::texts('english') as $key => $english) {
            $text = self::texts($language)[$key] ?? $english;
            self::assertSame(PlainMessage::arguments($english), PlainMessage::arguments($text), "$language, $key");
        }
    }

    /** @dataProvider present */
    #[\PHPUnit\Framework\Attributes\DataProvider('present')]
    public function testEveryTextIsAPatternIcuReads(string $language): void
    {
        foreach (self::texts($language) as $key => $text) {
            self::assertNotNull(\MessageFormatter::create(self::tag($language), $text), "$language, $key: $text");
            self::assertSame(1, preg_match('//u', $text), "$language, $key is no UTF-8");
            self::assertSame(trim($text), $text, "$language, $key begins or ends with a space");
            self::assertStringNotContainsString('<', $text, "$language, $key: texts are escaped, so they hold no HTML");
        }
    }

    /** @dataProvider present */
    #[\PHPUnit\Framework\Attributes\DataProvider('present')]
    public function testAPluralHasEveryFormOfItsLanguage(string $language): void
    {
        $probe = '{n, plural, zero {zero} one {one} two {two} few {few} many {many} other {other}}';
        $form = static fn (int $n): string => \MessageFormatter::formatMessage(self::tag($language), $probe, ['n' => $n]);
        $forms = array_unique(array_map($form, range(0, 1000)));
        foreach (self::texts($language) as $key => $text) {
            if (str_contains($text, ', plural,')) {
                foreach ([...$forms, 'other'] as $name) {
                    self::assertMatchesRegularExpression("/[ }]$name *\\{/", $text, "$language, $key lacks the form $name");
                }
            }
        }
        self::assertNotSame([], $forms);
    }

    /** @dataProvider present */
    #[\PHPUnit\Framework\Attributes\DataProvider('present')]
    public function testATextDiffersFromEnglish(string $language): void
    {
        if ($language === 'english') {
            self::assertNotSame([], self::texts('english'));
            return;
        }
        foreach (self::texts('english') as $key => $english) {
            $allowed = self::SAME_AS_ENGLISH[$key] ?? [];
            if ($allowed !== true && !in_array($language, $allowed, true)) {
                self::assertNotSame($english, self::texts($language)[$key] ?? '', "$language, $key");
            }
        }
    }

    public function testTheAllowListNamesExistingKeys(): void
    {
        self::assertSame([], array_keys(array_diff_key(self::SAME_AS_ENGLISH, self::texts('english'))));
    }

    public function testKeysAreWrittenAlikeAndBeginWithTheirPlace(): void
    {
        $form = '/^(' . implode('|', self::PREFIXES) . ')(_[a-z0-9]+)+$/D';
        foreach (array_keys(self::texts('english')) as $key) {
            self::assertMatchesRegularExpression($form, $key);
        }
    }

    public function testEveryKeyThatIsAskedForExists(): void
    {
        preg_match_all('/\$text\.([a-z0-9_]+)|->text\(\s*\'([a-z0-9_]+)\'\s*[,)]/', self::sources(), $matches);
        $asked = array_filter(array_unique([...$matches[1], ...$matches[2]]));
        self::assertNotSame([], $asked);
        self::assertSame([], array_values(array_diff($asked, array_keys(self::texts('english')))));
    }

    /** A key may be put together of a literal beginning and a word: 'client_state_' . $state. */
    public function testEveryKeyIsAskedFor(): void
    {
        $sources = self::sources();
        preg_match_all('/[\'"]([a-z]+(?:_[a-z0-9]+)*_)[\'"{$]/', $sources, $beginnings);
        foreach (array_keys(self::texts('english')) as $key) {
            if (preg_match('/^setting_\d+(_help|_any|_cron|_daily)?$/D', $key) === 1) {
                continue; // by position and stored value: the test of the product's page
            }
            $begins = array_filter($beginnings[1], static fn (string $beginning): bool => str_starts_with($key, $beginning)
                && !in_array($beginning, array_map(static fn (string $prefix): string => "{$prefix}_", self::PREFIXES), true));
            self::assertTrue($begins !== [] || preg_match("/\\b$key\\b/", $sources) === 1, "nobody asks for $key");
        }
    }

    /** @return array<string, string> */
    private static function texts(string $language): array
    {
        static $texts = [];
        $texts[$language] ??= include self::module() . "/lang/$language.php";
        self::assertIsArray($texts[$language], $language);
        self::assertSame($texts[$language], array_filter($texts[$language], 'is_string'), $language);
        return $texts[$language];
    }

    private static function tag(string $language): string
    {
        return Language::named($language)->tag();
    }

    /** The module's PHP, templates and hooks, without the language files, and the extension, which names a few. */
    private static function sources(): string
    {
        $files = [...glob(self::module() . '/*.php'), ...glob(self::module() . '/lib/*.php'), ...glob(self::module() . '/lib/*/*.php')];
        $files = [...$files, ...glob(self::module() . '/templates/*.tpl'), ...glob(self::module() . '/templates/*/*.tpl')];
        $files = [...$files, ...glob(Build::root() . '/src/*.rs'), ...glob(Build::root() . '/src/*/*.rs')];
        return implode("\n", array_map('file_get_contents', $files));
    }

    private static function module(): string
    {
        return Build::root() . '/modules/servers/mikrotikvpn';
    }
}
