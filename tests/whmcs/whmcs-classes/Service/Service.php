<?php

declare(strict_types=1);

namespace WHMCS\Service;

use WHMCS\Model\AbstractModel;

/** A row of tblhosting. */
class Service extends AbstractModel
{
    protected $table = 'tblhosting';
    protected $columnMap = [
        'clientId' => 'userid', 'orderId' => 'orderid', 'packageId' => 'packageid', 'productId' => 'packageid', 'serverId' => 'server', 'registrationDate' => 'regdate',
        'paymentGateway' => 'paymentmethod', 'status' => 'domainstatus', 'promotionId' => 'promoid', 'promotionCount' => 'promocount',
        'overrideAutoSuspend' => 'overideautosuspend', 'overrideSuspendUntilDate' => 'overidesuspenduntil', 'bandwidthUsage' => 'bwusage',
        'bandwidthLimit' => 'bwlimit', 'lastUpdateDate' => 'lastupdate', 'firstPaymentAmount' => 'firstpaymentamount', 'recurringAmount' => 'amount',
        'recurringFee' => 'amount', 'completedDate' => 'completed_date', 'terminationDate' => 'termination_date', 'domainStatus' => 'domainstatus',
        'dedicatedIp' => 'dedicatedip', 'assignedIps' => 'assignedips', 'nextDueDate' => 'nextduedate', 'nextInvoiceDate' => 'nextinvoicedate', 'suspendReason' => 'suspendreason',
    ];
    protected $appends = [];
    private ?Properties $properties = null;

    public function client()
    {
        return $this->belongsTo(\WHMCS\User\Client::class, 'userid');
    }

    public function product()
    {
        return $this->belongsTo(\WHMCS\Product\Product::class, 'packageid');
    }

    public function serverModel()
    {
        return $this->belongsTo(\WHMCS\Product\Server::class, 'server');
    }

    public function order()
    {
        return $this->belongsTo(\WHMCS\Order\Order::class, 'orderid');
    }

    public function addons()
    {
        return $this->hasMany(Addon::class, 'hostingid');
    }

    public function customFieldValues()
    {
        return $this->hasMany(\WHMCS\CustomField\CustomFieldValue::class, 'relid')
            ->whereIn('fieldid', \WHMCS\CustomField::query()->where('type', 'product')->where('relid', $this->packageid)->select('id'));
    }

    public function getServicePropertiesAttribute(): Properties
    {
        return $this->properties ??= new Properties($this);
    }

    public function getAttribute($key)
    {
        return $key === 'serviceProperties' ? $this->getServicePropertiesAttribute() : parent::getAttribute($key);
    }

    public function isService(): bool
    {
        return true;
    }

    public function isAddon(): bool
    {
        return false;
    }

    public function scopeActive($query)
    {
        return $query->where('domainstatus', Status::ACTIVE);
    }

    public function scopeUserId($query, $userId)
    {
        return $query->where('userid', $userId);
    }
}
