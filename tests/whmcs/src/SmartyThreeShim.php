<?php

declare(strict_types=1);

// Debian's smarty3 declares this class in a way PHP 8.2 refuses (an untyped $line), which would turn
// every mistake in a template into a fatal error. Loaded before Smarty 3 only.

class SmartyCompilerException extends SmartyException
{
    public int $line = 0;
    public $source = null;
    public $desc = null;
    public $template = null;
}
