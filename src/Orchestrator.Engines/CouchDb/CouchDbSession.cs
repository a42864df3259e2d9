namespace Orchestrator.Engines.CouchDb;

/// <summary>
/// The user's session at one URL. A session ends after some minutes, or when the server starts with another secret: the answer to its cookie is
/// then 401, and one new login follows. If that one, or its cookie, is refused, the password is: nothing is tried again. Safe for use from
/// several threads.
/// </summary>
/// <param name="logIn">Sends the password; the new cookie.</param>
internal sealed class CouchDbSession(CouchDbAccess access, Func<CancellationToken, Task<string>> logIn)
{
    private volatile Cookie? _cookie;

    /// <summary>CouchDB sends a new cookie before the old one ends.</summary>
    public void Renew(string value) => _cookie = new Cookie(value) { IsAccepted = true };

    /// <summary>Makes a call with the session's cookie.</summary>
    /// <exception cref="CouchDbRefusal">The password is refused, or was before; or CouchDB has something else against the call.</exception>
    public async Task<T> Call<T>(Func<string, Task<T>> call, CancellationToken cancellationToken)
    {
        var cookie = _cookie;
        if (cookie is { IsAccepted: true })
        {
            try
            {
                return await call(cookie.Value).ConfigureAwait(false);
            }
            catch (CouchDbRefusal refusal) when (refusal.Status == 401)
            {
                // The session has ended: the server has done nothing.
            }
        }

        return await access.OneAtATime(
            async () =>
            {
                var current = _cookie;
                if (current is null || current == cookie)
                {
                    _cookie = current = new Cookie(await logIn(cancellationToken).ConfigureAwait(false));
                }

                // A refused cookie ends all calls, so that this one need not be told from others.
                current.IsAccepted = true;
                return await call(current.Value).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
    }

    private sealed class Cookie(string value)
    {
        public string Value => value;

        /// <summary>Whether it may be used by many calls.</summary>
        public volatile bool IsAccepted;
    }
}
