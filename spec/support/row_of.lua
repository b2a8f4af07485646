-- The row of an id, or nil.
return function(rows, id)
  for _, row in ipairs(rows) do
    if row.id == id then return row end
  end
  return nil
end
