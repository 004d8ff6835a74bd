<?php

declare(strict_types=1);

namespace WHMCS\Order;

/** A row of tblorders. */
class Order extends \WHMCS\Model\AbstractModel
{
    protected $table = 'tblorders';
    public $timestamps = false;
}
