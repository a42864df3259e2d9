namespace Orchestrator.Engines.Etcd;

/// <summary>The token of the configured user, which all members accept. Safe for use from several threads.</summary>
internal sealed class EtcdTokens(EtcdClusterOptions options, TimeProvider time) : IDisposable
{
    // Each attempt costs the server a slow hash, and a wrong password does not become right by being repeated.
    private static readonly TimeSpan PauseAfterRejection = TimeSpan.FromSeconds(15);

    private readonly SemaphoreSlim one = new(1);
    private volatile string token = "";
    private bool isDisabled;
    private EtcdRefusal? rejection;
    private long triedAt;

    /// <summary>The present token, or one got by asking a member; empty where no user is configured or the cluster wants none.</summary>
    public async ValueTask<string> Get(EtcdClient member, CancellationToken cancellationToken)
    {
        var known = token;
        if (options.User.Length == 0 || known.Length > 0)
        {
            return known;
        }

        await one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (token.Length > 0)
            {
                return token;
            }

            if ((rejection is not null || isDisabled) && time.GetElapsedTime(triedAt) < PauseAfterRejection)
            {
                return isDisabled ? "" : throw new EtcdRefusal(rejection!.Code, rejection.Message);
            }

            return await Authenticate(member, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>A token is no longer accepted.</summary>
    public void Drop(string old)
    {
        if (token == old)
        {
            token = "";
        }
    }

    public void Dispose() => one.Dispose();

    private async Task<string> Authenticate(EtcdClient member, CancellationToken cancellationToken)
    {
        (rejection, isDisabled) = (null, false);
        try
        {
            var answer = await member.CallWith(
                "", EtcdCalls.Authenticate, new AuthenticateRequest(options.User, options.Password), options.RequestTimeout, cancellationToken).ConfigureAwait(false);
            token = answer.Token;
        }
        catch (EtcdRefusal refusal) when (refusal.IsAuthenticationDisabled)
        {
            (isDisabled, triedAt) = (true, time.GetTimestamp());
        }
        catch (EtcdRefusal refusal) when (refusal.IsDenial)
        {
            (rejection, triedAt) = (refusal, time.GetTimestamp());
            throw;
        }

        return token;
    }
}
