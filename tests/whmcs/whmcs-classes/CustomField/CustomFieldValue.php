<?php

declare(strict_types=1);

namespace WHMCS\CustomField;

/** A row of tblcustomfieldsvalues. */
class CustomFieldValue extends \WHMCS\Model\AbstractModel
{
    protected $table = 'tblcustomfieldsvalues';
    protected $columnMap = ['customFieldId' => 'fieldid', 'relatedId' => 'relid'];

    public function customField()
    {
        return $this->belongsTo(\WHMCS\CustomField::class, 'fieldid');
    }
}
