namespace CS3103P2P.Transport;

/// <summary>How full a table, queue or buffer is. Its owner tells it together with the limit, so that whoever watches cannot hold it against another.</summary>
/// <param name="Table">What it is called.</param>
/// <param name="Count">What is in it.</param>
/// <param name="Limit">What may be in it.</param>
internal readonly record struct TableUse(string Table, long Count, long Limit);
