<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests\Hooks;

use MikrotikVpn\Test;
use MikrotikVpn\Tests\TestCase;

/** WHMCS's arrays in, the core's answers out. */
final class ConversionTest extends TestCase
{
    public function testScalarsBecomeTextAsPhpPrintsThem(): void
    {
        $given = ['s' => 'a &amp; b', 'i' => -7, 'f' => 1.5, 't' => true, 'n' => null, 'no' => false];
        $given += ['z' => "a\0b", 'bad' => "a\xFFb"];
        [$scalars] = Test\params($given, array_keys($given));
        self::assertSame(['a & b', '-7', '1.5', '1', '', '', "a\0b", "a\u{FFFD}b"], $scalars);
    }

    public function testReferencesAreFollowed(): void
    {
        $value = 'seen';
        $array = ['r' => &$value];
        self::assertSame([['seen'], ['absent'], ['']], Test\params($array, ['r']));
    }

    public function testOptionsAndClientDetailsAreReadAndOtherArraysAreNot(): void
    {
        $given = [
            'configoptions' => ['download' => 50, 'deep' => ['x' => 'y'], 7 => 'seven'],
            'clientsdetails' => ['firstname' => 'O&#039;Neil', 'customfields' => [['id' => 1, 'value' => 'x']]],
            'customfields' => ['download' => 'not an option'],
        ];
        [, $options, $client] = Test\params($given, ['download', 'deep', '7', 'firstname', 'customfields']);
        self::assertSame(['50', 'absent', 'seven', 'absent', 'absent'], $options);
        self::assertSame(['', '', '', "O'Neil", ''], $client);
    }

    public function testObjectsAreNeverTouched(): void
    {
        $trap = new class implements \ArrayAccess, \IteratorAggregate, \Stringable {
            public int $touched = 0;
            public function __get(string $name): mixed
            {
                return $this->touched++;
            }
            public function __toString(): string
            {
                $this->touched++;
                return 'x';
            }
            public function getIterator(): \Iterator
            {
                $this->touched++;
                return new \ArrayIterator();
            }
            public function offsetExists(mixed $offset): bool
            {
                return (bool) ++$this->touched;
            }
            public function offsetGet(mixed $offset): mixed
            {
                return ++$this->touched;
            }
            public function offsetSet(mixed $offset, mixed $value): void
            {
                $this->touched++;
            }
            public function offsetUnset(mixed $offset): void
            {
                $this->touched++;
            }
        };
        $given = ['model' => $trap, 'configoptions' => $trap, 'clientsdetails' => ['model' => $trap]];
        self::assertSame([[''], ['absent'], ['']], Test\params($given, ['model']));
        self::assertSame(0, $trap->touched);
    }

    public function testAnswersKeepTheirOrderAndTypes(): void
    {
        $json = '{"z":1,"a":{"y":null,"b":[true,false,"text \u0000 \ud83d\ude00"]},"f":0.5,"10":"ten","e":{},"l":[]}';
        self::assertSame([
            'z' => 1,
            'a' => ['y' => null, 'b' => [true, false, "text \0 \u{1F600}"]],
            'f' => 0.5,
            10 => 'ten',
            'e' => [],
            'l' => [],
        ], Test\toArray($json));
        self::assertSame([1, [2]], Test\toArray('[1,[2]]'));
        self::assertSame([], Test\toArray('"text"'));
        self::assertSame(['n' => 18446744073709551615.0], Test\toArray('{"n":18446744073709551615}'));
    }
}
