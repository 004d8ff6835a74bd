<?php

declare(strict_types=1);

namespace WHMCS\Service;

use WHMCS\Model\AbstractModel;

/** A row of tblhostingaddons. */
class Addon extends AbstractModel
{
    protected $table = 'tblhostingaddons';
    protected $columnMap = ['serviceId' => 'hostingid', 'addonId' => 'addonid', 'clientId' => 'userid', 'orderId' => 'orderid', 'serverId' => 'server', 'paymentGateway' => 'paymentmethod', 'registrationDate' => 'regdate', 'nextDueDate' => 'nextduedate'];
    private ?Properties $properties = null;

    public function service()
    {
        return $this->belongsTo(Service::class, 'hostingid');
    }

    public function client()
    {
        return $this->belongsTo(\WHMCS\User\Client::class, 'userid');
    }

    public function productAddon()
    {
        return $this->belongsTo(\WHMCS\Product\Addon::class, 'addonid');
    }

    public function serverModel()
    {
        return $this->belongsTo(\WHMCS\Product\Server::class, 'server');
    }

    public function getAttribute($key)
    {
        return $key === 'serviceProperties' ? ($this->properties ??= new Properties($this)) : parent::getAttribute($key);
    }

    public function isService(): bool
    {
        return false;
    }

    public function isAddon(): bool
    {
        return true;
    }
}
