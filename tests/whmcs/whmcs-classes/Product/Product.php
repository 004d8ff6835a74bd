<?php

declare(strict_types=1);

namespace WHMCS\Product;

/** A row of tblproducts. */
class Product extends \WHMCS\Model\AbstractModel
{
    protected $table = 'tblproducts';
    protected $columnMap = ['module' => 'servertype', 'productGroupId' => 'gid', 'serverGroupId' => 'servergroup', 'welcomeEmailTemplateId' => 'welcomeemail'];

    public function services()
    {
        return $this->hasMany(\WHMCS\Service\Service::class, 'packageid');
    }

    public function productGroup()
    {
        return $this->belongsTo(Group::class, 'gid');
    }

    public function customFields()
    {
        return $this->hasMany(\WHMCS\CustomField::class, 'relid')->where('type', 'product');
    }

    public function serverGroup()
    {
        return $this->belongsTo(\WHMCS\Product\Server\Group::class, 'servergroup');
    }
}
