<?php

declare(strict_types=1);

namespace WHMCS\Product;

/** A row of tblservers. */
class Server extends \WHMCS\Model\AbstractModel
{
    protected $table = 'tblservers';
    protected $columnMap = ['ipAddress' => 'ipaddress', 'assignedIpAddresses' => 'assignedips', 'accessHash' => 'accesshash', 'maxAccounts' => 'maxaccounts', 'activeServices' => 'active'];

    public function services()
    {
        return $this->hasMany(\WHMCS\Service\Service::class, 'server');
    }

    public function scopeEnabled($query)
    {
        return $query->where('disabled', 0);
    }

    public function scopeOfModule($query, $module)
    {
        return $query->where('type', $module);
    }
}
