<?php

declare(strict_types=1);

namespace WHMCS\Product;

/** A row of tblproductgroups. */
class Group extends \WHMCS\Model\AbstractModel
{
    protected $table = 'tblproductgroups';
}
