<?php

declare(strict_types=1);

namespace WHMCS\Product;

/** A row of tbladdons. */
class Addon extends \WHMCS\Model\AbstractModel
{
    protected $table = 'tbladdons';
}
