<?php

declare(strict_types=1);

namespace WHMCS\User;

/** A row of tblclients. */
class Client extends \WHMCS\Model\AbstractModel
{
    protected $table = 'tblclients';
    protected $columnMap = ['firstName' => 'firstname', 'lastName' => 'lastname', 'companyName' => 'companyname', 'phoneNumber' => 'phonenumber', 'currencyId' => 'currency', 'groupId' => 'groupid'];
    protected $hidden = ['password'];

    public function services()
    {
        return $this->hasMany(\WHMCS\Service\Service::class, 'userid');
    }

    public function getFullNameAttribute()
    {
        return trim($this->firstname . ' ' . $this->lastname);
    }
}
