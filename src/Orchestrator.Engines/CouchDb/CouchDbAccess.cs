using System.Net.Http.Headers;
using System.Text;

namespace Orchestrator.Engines.CouchDb;

/// <summary>
/// User and password of a cluster. After five wrong passwords CouchDB locks the account, for the right one too: until the password is known
/// to be right one call at a time carries it, and once it was refused none does any more. Safe for use from several threads.
/// </summary>
internal sealed class CouchDbAccess(CouchDbClusterOptions options) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private volatile CouchDbRefusal? _refused;
    private volatile bool _isAccepted;

    /// <summary>Whether requests carry a session's cookie instead of the password.</summary>
    public bool UsesSessions => options.UsesSessions && options.User.Length > 0;

    /// <summary>The header of a request that carries the password; null without a user.</summary>
    public AuthenticationHeaderValue? Header { get; } = options.User.Length == 0
        ? null
        : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.User}:{options.Password}")));

    /// <summary>Makes a call that carries the password, when it may be made.</summary>
    /// <exception cref="CouchDbRefusal">The password was refused before.</exception>
    public Task<T> Call<T>(Func<Task<T>> call, CancellationToken cancellationToken) =>
        _isAccepted || Header is null ? Watched(call) : OneAtATime(call, cancellationToken);

    /// <summary>Makes a call that logs in. Sessions of all URLs end together, and the password may be another one by then.</summary>
    /// <exception cref="CouchDbRefusal">The password was refused before.</exception>
    public async Task<T> OneAtATime<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var answer = await Watched(call).ConfigureAwait(false);
            _isAccepted = true;
            return answer;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Makes a call whose answer 401 means that the password is refused.</summary>
    /// <exception cref="CouchDbRefusal">The password is refused, or was before.</exception>
    public async Task<T> Watched<T>(Func<Task<T>> call)
    {
        if (_refused is { } before)
        {
            throw new CouchDbRefusal(before.Status, before.Error, before.Reason);
        }

        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (CouchDbRefusal refusal) when (refusal.Status == 401 && Header is not null)
        {
            _refused = refusal;
            throw;
        }
    }

    public void Dispose() => _one.Dispose();
}
