<?php

declare(strict_types=1);

namespace WHMCS\User;

/** A row of tbladmins. */
class Admin extends \WHMCS\Model\AbstractModel
{
    protected $table = 'tbladmins';
    protected $hidden = ['password'];
}
