// For a browser; needs CometD: npm install cometd
import { CometD } from 'cometd';
import { createWorkbinClient } from 'rx-workbins';

// The application's own session: it has its other topics on it, and handshakes when it likes.
const cometd = new CometD();
cometd.unregisterTransport('websocket');
cometd.configure({ url: `${location.origin}/api/v2/notifications` });
cometd.handshake();

// The library listens and subscribes to its topic on it. It never configures, handshakes or disconnects it.
const client = createWorkbinClient({ baseUrl: location.origin, cometd });

client.subscribe('aee812a5-7396-4dd9-b180-230f1c1fb085').subscribe({
  next: (event) => console.log(event.type),
  error: (error: unknown) => console.error(String(error)),
});
