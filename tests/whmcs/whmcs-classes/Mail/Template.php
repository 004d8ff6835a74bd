<?php

declare(strict_types=1);

namespace WHMCS\Mail;

/** A row of tblemailtemplates. */
class Template extends \WHMCS\Model\AbstractModel
{
    protected $table = 'tblemailtemplates';

    public function scopeMaster($query)
    {
        return $query->where('language', '');
    }
}
