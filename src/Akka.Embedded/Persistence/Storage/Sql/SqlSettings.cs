namespace Akka.Persistence.Storage.Sql;

/// <summary>
/// How a SQL journal or snapshot store works; keys and defaults as in Akka.Persistence.Sql.
/// </summary>
/// <param name="ConnectionString">As <see cref="SqlDialect.Normalize"/> returned it.</param>
/// <param name="AutoInitialize">Creates the missing tables on the first use.</param>
/// <param name="BatchSize">The greatest number of requests in one transaction, 1 or more.</param>
/// <param name="BufferSize">The greatest number of waiting requests, 1 or more; further ones fail.</param>
/// <param name="ReplayBatchSize">The greatest number of events read at once, 1 or more.</param>
internal sealed record SqlSettings(
    string ConnectionString,
    bool AutoInitialize = true,
    int BatchSize = 100,
    int BufferSize = 5000,
    int ReplayBatchSize = 1000);
