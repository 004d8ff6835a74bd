<?php

declare(strict_types=1);

namespace WHMCS\User;

/** A row of tblusers. */
class User extends \WHMCS\Model\AbstractModel
{
    protected $table = 'tblusers';
    protected $hidden = ['password'];

    public function clients()
    {
        return $this->belongsToMany(Client::class, 'tblusers_clients', 'auth_user_id', 'client_id');
    }
}
