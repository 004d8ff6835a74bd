<?php

declare(strict_types=1);

namespace WHMCS\Module\Server;

class CustomActionCollection extends \Illuminate\Support\Collection
{
    public function add($item)
    {
        if (!$item instanceof CustomAction) {
            throw new \InvalidArgumentException('Only a CustomAction may be added to a CustomActionCollection.');
        }
        return parent::add($item);
    }
}
