<?php

/**
 * Compares mikrotikvpn.stub.php with the extension loaded in this PHP and fails on any difference.
 *
 *     php -d extension=dist/mikrotikvpn.so php/stub-check.php [stub file]
 *
 * Both sides are described by Reflection; the stub in a child without ini files, where its names
 * are free.
 */

declare(strict_types=1);

function type(?ReflectionType $type): string
{
    return $type === null ? '' : (string) $type;
}

function parameter(ReflectionParameter $parameter): string
{
    $default = $parameter->isDefaultValueAvailable() ? ' = ' . var_export($parameter->getDefaultValue(), true) : '';
    $reference = $parameter->isPassedByReference() ? '&' : '';
    $variadic = $parameter->isVariadic() ? '...' : '';
    return trim(type($parameter->getType()) . " $reference$variadic\${$parameter->getName()}$default");
}

function signature(ReflectionFunction $function): string
{
    $parameters = implode(', ', array_map('parameter', $function->getParameters()));
    return "function {$function->getName()}($parameters): " . type($function->getReturnType());
}

function classLine(ReflectionClass $class): string
{
    $own = array_filter($class->getMethods(), fn ($method) => $method->class === $class->getName());
    $parent = $class->getParentClass();
    return "class {$class->getName()} extends " . ($parent ? $parent->getName() : 'nothing')
        . ', methods: ' . (implode(', ', array_map(fn ($method) => $method->getName(), $own)) ?: 'none');
}

/** @return list<string> */
function describe(array $functions, array $classes): array
{
    $lines = array_merge(
        array_map(fn (string $name) => signature(new ReflectionFunction($name)), array_values($functions)),
        array_map(fn (string $name) => classLine(new ReflectionClass($name)), array_values($classes))
    );
    sort($lines);
    return $lines;
}

/** @return list<string> complaints about entries nobody explains */
function undocumented(array $functions): array
{
    $silent = array_filter(
        array_map(fn (string $name) => new ReflectionFunction($name), array_values($functions)),
        fn (ReflectionFunction $function) => !$function->getDocComment()
    );
    return array_map(
        fn (ReflectionFunction $function) => "without a comment in the stub: {$function->getName()}()",
        array_values($silent)
    );
}

/** @return list<string> */
function describeStub(string $file): array
{
    $classes = get_declared_classes();
    require $file;
    $functions = get_defined_functions()['user'];
    $functions = array_filter($functions, fn (string $name) => str_contains($name, '\\'));
    return array_merge(
        describe($functions, array_diff(get_declared_classes(), $classes)),
        undocumented($functions)
    );
}

/** @return list<string> */
function describeExtension(): array
{
    $extension = new ReflectionExtension('mikrotikvpn');
    return describe(array_keys($extension->getFunctions()), $extension->getClassNames());
}

/** @return list<string> */
function askChild(string $stub): array
{
    exec(implode(' ', array_map('escapeshellarg', [PHP_BINARY, '-n', __FILE__, '--stub', $stub])), $lines, $code);
    if ($code !== 0) {
        fwrite(STDERR, "$stub cannot be read:\n" . implode("\n", $lines) . "\n");
        exit(2);
    }
    return $lines;
}

/** @param list<string> $arguments */
function main(array $arguments): int
{
    if (($arguments[1] ?? '') === '--stub') {
        echo implode("\n", describeStub($arguments[2])), "\n";
        return 0;
    }
    if (!extension_loaded('mikrotikvpn')) {
        fwrite(STDERR, "The extension mikrotikvpn is not loaded in this PHP.\n");
        return 2;
    }
    $stub = askChild($arguments[1] ?? __DIR__ . '/mikrotikvpn.stub.php');
    $extension = describeExtension();
    foreach (array_diff($stub, $extension) as $line) {
        echo "only in the stub:      $line\n";
    }
    foreach (array_diff($extension, $stub) as $line) {
        echo "only in the extension: $line\n";
    }
    return $stub === $extension ? 0 : 1;
}

exit(main($argv));
