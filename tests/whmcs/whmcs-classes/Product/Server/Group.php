<?php

declare(strict_types=1);

namespace WHMCS\Product\Server;

/** A row of tblservergroups. */
class Group extends \WHMCS\Model\AbstractModel
{
    protected $table = 'tblservergroups';
}
