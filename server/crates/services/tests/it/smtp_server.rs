//! A mail server on this machine that understands as much of RFC 5321 as sending a mail needs.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What the server does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    TakesMail,
    /// It accepts connections and says nothing.
    Hangs,
    /// It rejects mail to `bob@example.org`.
    RejectsBob,
    /// It takes the first mail, and closes the connection before it answers.
    LosesFirstAnswer,
}

/// A running server. It stops when it is dropped.
pub struct SmtpServer {
    pub port: u16,
    mails: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl SmtpServer {
    /// Starts a server at a free port.
    pub async fn start(behaviour: Behaviour) -> Self {
        Self::at(0, behaviour).await
    }

    /// Starts a server at this port.
    pub async fn at(port: u16, behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mails = Arc::<Mutex<Vec<String>>>::default();
        let taken = Arc::clone(&mails);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let taken = Arc::clone(&taken);
                tokio::spawn(async move {
                    // A client may close the connection at any time.
                    let _ended = serve(stream, behaviour, &taken).await;
                });
            }
        });
        Self { port, mails, task }
    }

    /// The mails that it has taken, with their headers, decoded.
    pub fn mails(&self) -> Vec<String> {
        let mails = self.mails.lock().unwrap();
        mails.iter().map(|mail| mail.replace("=\r\n", "").replace("=3D", "=").replace("=E2=80=99", "’")).collect()
    }

    /// To whom it has taken mails, sorted.
    pub fn recipients(&self) -> Vec<String> {
        let recipient = |mail: String| mail.lines().find_map(|line| line.strip_prefix("To: ")).unwrap().to_owned();
        let mut recipients: Vec<String> = self.mails().into_iter().map(recipient).collect();
        recipients.sort();
        recipients
    }
}

/// A port at which no server listens.
pub async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

async fn serve(stream: TcpStream, behaviour: Behaviour, taken: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    if behaviour == Behaviour::Hangs {
        return stream.read_line(&mut String::new()).await.map(drop);
    }
    stream.write_all(b"220 mail.example.org ESMTP\r\n").await?;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let answer = match line.get(..4).unwrap_or_default() {
            "EHLO" => "250-mail.example.org\r\n250 8BITMIME\r\n",
            "RCPT" if behaviour == Behaviour::RejectsBob && line.contains("bob@") => "550 no such mailbox\r\n",
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let mail = read_mail(&mut stream).await?;
                let is_first = {
                    let mut taken = taken.lock().unwrap();
                    taken.push(mail);
                    taken.len() == 1
                };
                if is_first && behaviour == Behaviour::LosesFirstAnswer {
                    return Ok(());
                }
                "250 taken\r\n"
            }
            "QUIT" => "221 bye\r\n",
            _ => "250 ok\r\n",
        };
        stream.write_all(answer.as_bytes()).await?;
    }
}

/// The lines until the one with only a full stop.
async fn read_mail(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut mail = String::new();
    loop {
        let begin = mail.len();
        if stream.read_line(&mut mail).await? == 0 || &mail[begin..] == ".\r\n" {
            mail.truncate(begin);
            return Ok(mail);
        }
    }
}
