<?php

declare(strict_types=1);

namespace WHMCS;

/** A row of tblcustomfields. */
class CustomField extends \WHMCS\Model\AbstractModel
{
    protected $table = 'tblcustomfields';
    protected $columnMap = ['fieldName' => 'fieldname', 'fieldType' => 'fieldtype', 'relatedId' => 'relid', 'adminOnly' => 'adminonly', 'showOnOrderForm' => 'showorder', 'sortOrder' => 'sortorder', 'fieldOptions' => 'fieldoptions'];
}
