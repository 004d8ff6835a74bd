<?php

declare(strict_types=1);

namespace WHMCS\Service\Upgrade;

/** A row of tblupgrades. */
class Upgrade extends \WHMCS\Model\AbstractModel
{
    protected $table = 'tblupgrades';
    protected $columnMap = ['userId' => 'userid', 'orderId' => 'orderid', 'entityId' => 'relid', 'originalValue' => 'originalvalue', 'newValue' => 'newvalue'];
}
