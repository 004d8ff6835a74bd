<?php

declare(strict_types=1);

namespace WHMCS\Model;

use Illuminate\Database\Eloquent\Model;

/** Base of WHMCS's models: attributes may go by another name than their column ($columnMap), both work. */
abstract class AbstractModel extends Model
{
    /** @var array<string, string> attribute => column, where they differ by more than case style */
    protected $columnMap = [];
    protected $guarded = [];

    public function getAttribute($key)
    {
        return parent::getAttribute($this->column($key));
    }

    public function setAttribute($key, $value)
    {
        return parent::setAttribute($this->column($key), $value);
    }

    private function column($key)
    {
        if (isset($this->columnMap[$key])) {
            return $this->columnMap[$key];
        }
        $lower = strtolower((string) $key);
        return $lower !== $key && !method_exists($this, (string) $key) && array_key_exists($lower, $this->attributes) ? $lower : $key;
    }
}
