<?php

declare(strict_types=1);

namespace WhmcsStandIn;

/** Finds server modules in the folders given, and builds the WHMCS root they are seen under. */
final class Modules
{
    /** @var array<string, string> name => folder */
    private array $folders = [];

    /** @var array<string, Module> */
    private array $modules = [];

    public readonly string $root;

    public function __construct(private readonly Home $home, public readonly string $source, private readonly bool $copy)
    {
        foreach (array_filter(explode(':', $source)) as $folder) {
            $this->scan(Home::absolute($folder));
        }
        // One root per source, so that commands with different sources do not disturb each other.
        $this->root = $home->folder('roots/' . substr(sha1(json_encode([$this->folders, $copy])), 0, 12));
        $this->buildRoot();
    }

    public function has(string $name): bool
    {
        return isset($this->folders[$name]);
    }

    public function get(string $name): Module
    {
        if (!isset($this->folders[$name])) {
            $where = $this->source === '' ? 'no folder of modules was given (--modules DIR)' : "looked in {$this->source}";
            throw new Failure("The server module '$name' was not found: $where.");
        }
        return $this->modules[$name] ??= new Module($name, "{$this->root}/modules/servers/$name");
    }

    /** @return list<string> */
    public function names(): array
    {
        return array_keys($this->folders);
    }

    private function scan(string $folder): void
    {
        if (!is_dir($folder)) {
            throw new Failure("The folder of modules $folder does not exist.");
        }
        foreach (["$folder/modules/servers", "$folder/servers", $folder] as $parent) {
            foreach (glob("$parent/*", GLOB_ONLYDIR) ?: [] as $candidate) {
                $name = basename($candidate);
                if (is_file("$candidate/$name.php")) {
                    $this->folders[$name] ??= $candidate;
                }
            }
        }
        $name = basename($folder);
        if (is_file("$folder/$name.php")) {
            $this->folders[$name] ??= $folder;
        }
    }

    private function buildRoot(): void
    {
        $web = dirname(__DIR__) . '/web';
        $this->link($this->home->folder('includes') . '', "{$this->root}/includes");
        $this->home->folder('includes/hooks');
        $this->link("$web/themes", "{$this->root}/templates");
        $this->link($this->home->folder('lang'), "{$this->root}/lang");
        // Stand-alone scripts of modules begin by requiring init.php three folders up.
        $this->file("{$this->root}/init.php", '<?php require_once ' . var_export(dirname(__DIR__) . '/web/init.php', true) . ";\n");
        if (!is_dir("{$this->root}/modules/servers")) {
            @mkdir("{$this->root}/modules/servers", 0700, true);
        }
        foreach ($this->folders as $name => $folder) {
            $target = "{$this->root}/modules/servers/$name";
            $this->copy ? $this->synchronize($folder, $target) : $this->link($folder, $target);
        }
    }

    private function link(string $target, string $link): void
    {
        if (is_link($link) && readlink($link) === $target) {
            return;
        }
        $new = $link . '.' . bin2hex(random_bytes(4));
        symlink($target, $new);
        rename($new, $link);
    }

    private function file(string $file, string $content): void
    {
        if (is_file($file) && file_get_contents($file) === $content) {
            return;
        }
        $new = $file . '.' . bin2hex(random_bytes(4));
        file_put_contents($new, $content);
        rename($new, $file);
    }

    /** Copies what differs in size or is newer: a module in real WHMCS is a copy, not a link. */
    private function synchronize(string $from, string $to): void
    {
        $this->home->locked('copy', function () use ($from, $to): void {
            @mkdir($to, 0700, true);
            $flags = \FilesystemIterator::SKIP_DOTS | \FilesystemIterator::FOLLOW_SYMLINKS;
            $files = new \RecursiveIteratorIterator(new \RecursiveDirectoryIterator($from, $flags), \RecursiveIteratorIterator::SELF_FIRST);
            foreach ($files as $file) {
                $target = $to . substr($file->getPathname(), strlen($from));
                if ($file->isDir()) {
                    is_dir($target) || mkdir($target, 0700, true);
                } elseif (!is_file($target) || filesize($target) !== $file->getSize() || filemtime($target) < $file->getMTime()) {
                    copy($file->getPathname(), $target);
                }
            }
            $copies = new \RecursiveIteratorIterator(new \RecursiveDirectoryIterator($to, \FilesystemIterator::SKIP_DOTS), \RecursiveIteratorIterator::CHILD_FIRST);
            foreach ($copies as $copy) {
                if (!file_exists($from . substr($copy->getPathname(), strlen($to)))) {
                    $copy->isDir() ? rmdir($copy->getPathname()) : unlink($copy->getPathname());
                }
            }
        });
    }
}
